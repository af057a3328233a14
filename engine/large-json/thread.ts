import { Worker } from "node:worker_threads";
import type { TenantId } from "../model/index.ts";
import { FairQueue } from "../share/index.ts";
import type { ParseJob, ParseReply } from "./parse.ts";

const IDLE_MS = 30_000;
/** Ten MiB of `{},` are half a GiB as objects. */
const HEAP_MIB = 1_024;

interface Asked extends PromiseWithResolvers<void> {
  readonly job: ParseJob;
  readonly bytes: ArrayBuffer;
  /** Resolves when the reply is what it stands for. */
  takeOver(reply: ParseReply): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  /** What it parses now, or what is being taken over. */
  asked: Asked | null;
  idle: NodeJS.Timeout | undefined;
}

/**
 * One thread: it is the loop that is to be kept free, not the answers that are to be hurried. Tenants take turns, and the
 * next is parsed when the last is taken over: of ten large values nine wait as bytes, and are not garbage to be moved about.
 */
let thread: Thread | null = null;
const waiting = new FairQueue<Asked>();

/** The bytes are given away. */
export function runInThread(
  tenantId: TenantId,
  job: ParseJob,
  bytes: ArrayBuffer,
  takeOver: Asked["takeOver"],
): Promise<void> {
  const asked: Asked = { job, bytes, takeOver, ...Promise.withResolvers<void>() };
  waiting.push(tenantId, asked);
  thread ??= open();
  next(thread);
  return asked.promise;
}

function next(opened: Thread): void {
  if (opened.asked !== null) return;
  const asked = waiting.shift();
  if (asked === undefined) {
    // Without work it keeps neither this process alive nor, for long, itself.
    opened.worker.unref();
    opened.idle = setTimeout(() => close(opened), IDLE_MS).unref();
    return;
  }
  clearTimeout(opened.idle);
  opened.worker.ref();
  opened.asked = asked;
  opened.worker.postMessage(asked.job, [asked.bytes]);
}

function open(): Thread {
  const worker = new Worker(new URL("./parse.worker.js", import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  const opened: Thread = { worker, asked: null, idle: undefined };
  worker.on("message", (reply: ParseReply) => void take(opened, reply));
  worker.on("error", (cause) => close(opened, cause));
  worker.on("exit", () => close(opened));
  return opened;
}

async function take(opened: Thread, reply: ParseReply): Promise<void> {
  const { asked } = opened;
  if (asked === null) return;
  await asked.takeOver(reply).then(asked.resolve, asked.reject);
  // It was closed meanwhile, and another opened.
  if (opened.asked !== asked) return;
  opened.asked = null;
  next(opened);
}

function close(opened: Thread, cause?: Error): void {
  if (thread === opened) thread = null;
  clearTimeout(opened.idle);
  opened.asked?.reject(new Error("JSON could not be parsed in a thread", { cause }));
  opened.asked = null;
  void opened.worker.terminate();
  if (thread !== null || waiting.isEmpty) return;
  // It was too much for the thread: the others shall not suffer for it.
  thread = open();
  next(thread);
}
