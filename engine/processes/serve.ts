import { Worker } from "node:worker_threads";
import type { ChildMessage } from "./child-pool.ts";

/** As large as a thread that reads two numbers needs. */
const WATCH_LIMITS = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/**
 * The child's side of a ChildPool: answers one request after the other, and ends with its parent. What `handle` throws is
 * a fault of the machine, told by its message.
 */
export function serve<Request, Reply>(handle: (request: Request) => Promise<Reply>): void {
  const send = (message: ChildMessage<Reply>) => process.send?.(message);
  const answer = async (request: Request) => {
    try {
      send({ reply: await handle(request) });
    } catch (error) {
      send({ fault: error instanceof Error ? error.message : String(error) });
    }
  };
  process.on("message", (request: Request) => {
    void answer(request);
  });
  // What is left running by a library after its answer is no reason to end in the middle of the next job.
  process.on("disconnect", () => process.exit());
  const watch = new Worker(new URL("./watch.worker.js", import.meta.url), {
    workerData: { maxMemoryMiB: Number(process.argv[2]), parent: process.ppid },
    resourceLimits: WATCH_LIMITS,
  });
  watch.unref();
  watch.once("online", () => send("ready"));
}
