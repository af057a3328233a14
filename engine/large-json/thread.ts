import { Worker } from "node:worker_threads";
import type { ParseJob, ParseReply } from "./parse.ts";

const IDLE_MS = 30_000;
/** Ten MiB of `{},` are half a GiB as objects. */
const HEAP_MIB = 1_024;

type Waiting = PromiseWithResolvers<ParseReply>;

/** One thread, which answers in order. It is the loop that is to be kept free, not the answers that are to be hurried. */
let thread: { readonly worker: Worker; readonly waiting: Waiting[]; idle: NodeJS.Timeout | undefined } | null = null;

/** The bytes are given away. */
export function runInThread(job: ParseJob, bytes: ArrayBuffer): Promise<ParseReply> {
  thread ??= open();
  const { worker, waiting } = thread;
  const asked = Promise.withResolvers<ParseReply>();
  clearTimeout(thread.idle);
  worker.ref();
  waiting.push(asked);
  worker.postMessage(job, [bytes]);
  return asked.promise;
}

function open(): NonNullable<typeof thread> {
  const worker = new Worker(new URL("./parse.worker.js", import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  const opened: NonNullable<typeof thread> = { worker, waiting: [], idle: undefined };
  worker.on("message", (reply: ParseReply) => {
    opened.waiting.shift()?.resolve(reply);
    if (opened.waiting.length > 0) return;
    // Without work it keeps neither this process alive nor, for long, itself.
    worker.unref();
    opened.idle = setTimeout(() => close(opened), IDLE_MS).unref();
  });
  worker.on("error", (cause) => close(opened, cause));
  worker.on("exit", () => close(opened));
  return opened;
}

function close(opened: NonNullable<typeof thread>, cause?: Error): void {
  if (thread === opened) thread = null;
  clearTimeout(opened.idle);
  for (const { reject } of opened.waiting.splice(0))
    reject(new Error("JSON could not be parsed in a thread", { cause }));
  void opened.worker.terminate();
}
