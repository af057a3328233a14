import { workerData } from "node:worker_threads";

/**
 * A thread of a child process that keeps watch beside its work. V8 bounds the heap only; what native code takes lies beside
 * it. And a child in an endless loop never hears that its channel was closed: it would outlive its parent.
 */
const { maxMemoryMiB, parent } = workerData as { readonly maxMemoryMiB: number; readonly parent: number };

const CHECK_MS = 50;
const BYTES_PER_MIB = 1024 * 1024;

setInterval(() => {
  const isOrphan = process.ppid !== parent;
  if (isOrphan || process.memoryUsage.rss() > maxMemoryMiB * BYTES_PER_MIB) process.kill(process.pid, "SIGKILL");
}, CHECK_MS);
