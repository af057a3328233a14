import { ChildPool } from "../../engine/processes/child-pool.ts";
import type { Task } from "./task.worker.ts";

/** Puts a child of its own into an endless loop, and tells its id. */
const pool = new ChildPool<Task, unknown>({
  program: new URL("./task.worker.js", import.meta.url),
  processes: 1,
  maxHeapMiB: 64,
  maxMemoryMiB: 250,
  idleMs: 60_000,
});
const pid = await pool.run({ request: { do: "pid" }, owner: "a", timeLimitMs: 100_000 });
pool.run({ request: { do: "loop" }, owner: "a", timeLimitMs: 100_000 }).catch(() => {});
// After the job: one channel, in order.
process.send!(pid);
