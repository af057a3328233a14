import type { Worker } from "node:worker_threads";
import { MEMORY_CHECK_MS } from "./limits.ts";

const BYTES_PER_MIB = 1024 * 1024;

/**
 * Ends a thread whose buffers exceed `maxBuffersMiB`, and calls `onEnd`. V8's own limit, which ends a thread at once, is of
 * the heap only; buffers lie beside it, and they are what a compressed stream swells into. The figure comes from an
 * interrupt of the thread, so a busy one answers too. Returns what stops the watch.
 */
export function watchBuffers(threads: () => readonly Worker[], maxBuffersMiB: number, onEnd: () => void): () => void {
  const ending = new WeakSet<Worker>();
  async function check(thread: Worker): Promise<void> {
    // A thread that has just ended has no statistics.
    const statistics = await thread.getHeapStatistics().catch(() => undefined);
    if (statistics === undefined || statistics.external_memory <= maxBuffersMiB * BYTES_PER_MIB) return;
    if (ending.has(thread)) return;
    ending.add(thread);
    onEnd();
    await thread.terminate();
  }
  const timer = setInterval(() => {
    for (const thread of threads()) void check(thread);
  }, MEMORY_CHECK_MS);
  return () => clearInterval(timer);
}
