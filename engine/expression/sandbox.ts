import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { JsonValue } from "../json.ts";
import type { EvaluationReply } from "./evaluator.ts";
import { SANDBOX_IDLE_MS, SANDBOX_MEMORY_MIB, SANDBOX_PROCESSES, SANDBOX_TIMEOUT_MS } from "./limits.ts";

/**
 * Evaluates expressions that may loop, recurse or grow, in child processes that are killed when they take too long.
 * A worker thread is not enough: one allocation far above its heap limit aborts the whole process
 * (measured: `$length` of a text that was doubled 28 times).
 */
export interface SandboxRequest {
  readonly text: string;
  readonly input: unknown;
  readonly variables: Readonly<Record<string, JsonValue>>;
}

interface Task {
  readonly request: SandboxRequest;
  readonly settle: (reply: EvaluationReply) => void;
}

interface Seat {
  readonly child: ChildProcess;
  isReady: boolean;
  task: Task | null;
  timer: NodeJS.Timeout | undefined;
}

const program = fileURLToPath(new URL("./sandbox.worker.js", import.meta.url));
const seats = new Set<Seat>();
const queue: Task[] = [];

// A child inside an endless loop does not hear that its channel was closed.
process.on("exit", () => {
  for (const { child } of seats) child.kill("SIGKILL");
});

export function evaluateInSandbox(request: SandboxRequest): Promise<EvaluationReply> {
  const { promise, resolve } = Promise.withResolvers<EvaluationReply>();
  queue.push({ request, settle: resolve });
  dispatch();
  return promise;
}

function dispatch(): void {
  for (const seat of seats) {
    if (queue.length === 0) return;
    if (seat.isReady && seat.task === null) start(seat, queue.shift()!);
  }
  const idleSoon = [...seats].filter((seat) => !seat.isReady).length;
  if (queue.length > idleSoon && seats.size < SANDBOX_PROCESSES) open();
}

/** The child gets no environment: nothing secret is within reach of an expression. */
function open(): void {
  const child = fork(program, [], {
    env: {},
    execArgv: [`--max-old-space-size=${SANDBOX_MEMORY_MIB}`],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const seat: Seat = { child, isReady: false, task: null, timer: undefined };
  seats.add(seat);
  child.on("message", (message) => {
    if (message === "ready") seat.isReady = true;
    else finish(seat, message as EvaluationReply);
    rest(seat);
    dispatch();
  });
  child.once("error", () => close(seat));
  child.once("exit", () => close(seat));
}

function start(seat: Seat, task: Task): void {
  clearTimeout(seat.timer);
  seat.task = task;
  seat.child.ref();
  seat.child.channel?.ref();
  seat.timer = setTimeout(() => seat.child.kill("SIGKILL"), SANDBOX_TIMEOUT_MS);
  seat.child.send(task.request, (error) => {
    if (error) seat.child.kill("SIGKILL");
  });
}

function finish(seat: Seat, reply: EvaluationReply): void {
  clearTimeout(seat.timer);
  seat.task?.settle(reply);
  seat.task = null;
}

/** Without work it keeps neither this process alive nor, for long, itself. */
function rest(seat: Seat): void {
  if (queue.length > 0) return;
  seat.child.unref();
  seat.child.channel?.unref();
  seat.timer = setTimeout(() => seat.child.kill("SIGKILL"), SANDBOX_IDLE_MS).unref();
}

function close(seat: Seat): void {
  if (!seats.delete(seat)) return;
  const limits = `${SANDBOX_TIMEOUT_MS} ms or ${SANDBOX_MEMORY_MIB} MiB`;
  finish(seat, { ok: false, message: `it needs more than ${limits}`, isTransient: true });
  if (!seat.isReady) {
    // Starting another one would fail the same way.
    for (const task of queue.splice(0)) {
      task.settle({ ok: false, message: "no process could be started to evaluate it", isTransient: true });
    }
  }
  dispatch();
}
