import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { fenced } from "../runtime/index.ts";
import { FairQueue } from "./fair-queue.ts";

/**
 * Runs jobs in child processes: what a job does to its process (an endless loop, a full heap, an abort in native code) it
 * does to that process alone. A thread is not enough: one allocation far above its heap limit, or an abort of a native
 * library, ends the whole process. tinypool has a `child_process` runtime, but no time limit for a job, no limit of memory
 * beside the heap, lets a child that is busy outlive us, and pipes what libraries print into our own output.
 */
export interface ChildPoolOptions {
  /** A module that calls `serve`. */
  readonly program: URL;
  readonly processes: number;
  /** Jobs of one owner at once. Fewer than `processes` keeps one for the others. Default: `processes`. */
  readonly perOwner?: number;
  /** Jobs of one owner that may wait. Default: any number. */
  readonly maxWaiting?: number;
  /** JavaScript heap of a child. */
  readonly maxHeapMiB: number;
  /** All memory of a child that is resident, native buffers included. */
  readonly maxMemoryMiB: number;
  /** A child without work is ended after so long. */
  readonly idleMs: number;
}

interface PooledJob<Request> {
  readonly request: Request;
  /** For whom: owners take turns. */
  readonly owner: string;
  /** From the moment a child takes it; then that child is killed. */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Why there is no answer.
 * - `time`, `memory`: the job went over a limit, and its child was ended.
 * - `ended`: the child ended by itself: an abort in native code.
 * - `unstartable`: no child could be started. Trying again fails the same way.
 * - `full`: too many jobs of this owner wait already.
 */
export class ChildEnded extends Error {
  override readonly name = "ChildEnded";
  constructor(readonly reason: "time" | "memory" | "ended" | "unstartable" | "full") {
    super(`No answer from a child process: ${reason}`);
  }
}

/** What a child sends; the first message says that it is ready. */
export type ChildMessage<Reply> = "ready" | { readonly reply: Reply } | { readonly fault: string };

interface Waiting<Request, Reply> {
  readonly job: PooledJob<Request>;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener off the job's signal. */
  unheed(): void;
}

interface Seat<Request, Reply> {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  isReady: boolean;
  work: Waiting<Request, Reply> | null;
  timer: NodeJS.Timeout | undefined;
  /** What its job is told when it has ended: we have ended it ourselves. */
  verdict: unknown;
}

const children = new Set<ChildProcess>();

// A child that is busy does not hear that its channel was closed.
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** No process is started before the first job, and none is left when there was none for a while. */
export class ChildPool<Request, Reply> {
  private readonly seats = new Set<Seat<Request, Reply>>();
  private readonly queue = new FairQueue<Waiting<Request, Reply>>();
  private readonly busy = new Map<string, number>();
  private closed: unknown;

  constructor(private readonly options: ChildPoolOptions) {}

  /** @throws ChildEnded, the reason of the signal or of close(), or the fault that the child has met. */
  run(job: PooledJob<Request>): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const { signal, owner } = job;
    if (this.closed !== undefined) reject(this.closed);
    else if (signal?.aborted) reject(signal.reason);
    else if (this.queue.sizeOf(owner) >= (this.options.maxWaiting ?? Number.POSITIVE_INFINITY)) {
      reject(new ChildEnded("full"));
    } else {
      const abort = () => this.abandon(waiting, signal!.reason);
      const unheed = () => signal?.removeEventListener("abort", abort);
      const waiting = { job, resolve, reject, unheed };
      signal?.addEventListener("abort", abort, { once: true });
      this.queue.add(owner, waiting);
      this.dispatch();
    }
    return promise;
  }

  /** Children that are alive. */
  get size(): number {
    return this.seats.size;
  }

  /** Ends all children; what runs and waits is rejected with `reason`. Resolves when they are gone. */
  async close(reason: unknown): Promise<void> {
    this.closed = reason;
    for (const waiting of this.queue.drain()) settle(waiting, () => waiting.reject(reason));
    const all = [...this.seats];
    for (const seat of all) {
      seat.child.ref();
      this.end(seat, reason);
    }
    await Promise.all(all.map((seat) => seat.exited));
  }

  private dispatch(): void {
    const { processes, perOwner = processes } = this.options;
    const freeOf = (owner: string) => perOwner - (this.busy.get(owner) ?? 0);
    for (const seat of this.seats) {
      if (!seat.isReady || seat.work !== null || seat.verdict !== undefined) continue;
      const next = this.queue.take(freeOf);
      if (next === undefined) return;
      this.start(seat, next);
    }
    const starting = [...this.seats].filter((seat) => !seat.isReady).length;
    if (this.seats.size < processes && this.queue.ready(freeOf) > starting) this.open();
  }

  /** The child gets no environment: nothing secret is within reach of a library that a file has taken over. */
  private open(): void {
    const { program, maxHeapMiB, maxMemoryMiB } = this.options;
    const child = fork(fileURLToPath(program), [String(maxMemoryMiB)], {
      env: {},
      execArgv: [`--max-old-space-size=${maxHeapMiB}`],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const seat: Seat<Request, Reply> = {
      child,
      exited,
      isReady: false,
      work: null,
      timer: undefined,
      verdict: undefined,
    };
    this.seats.add(seat);
    children.add(child);
    const gone = (signal: NodeJS.Signals | null) => {
      resolve();
      this.gone(seat, signal);
    };
    const hear = (message: unknown): void => this.hear(seat, message as ChildMessage<Reply>);
    child.on(
      "message",
      fenced("message of a child", hear, () => child.kill("SIGKILL")),
    );
    const fail = (): void => (child.pid === undefined ? gone(null) : this.end(seat, new ChildEnded("ended")));
    child.once("error", fenced("error of a child", fail));
    child.once(
      "exit",
      fenced("end of a child", (_code, signal) => gone(signal)),
    );
  }

  private hear(seat: Seat<Request, Reply>, message: ChildMessage<Reply>): void {
    if (message === "ready") seat.isReady = true;
    else {
      this.finish(seat, ({ resolve, reject }) =>
        "reply" in message ? resolve(message.reply) : reject(new Error(message.fault)),
      );
    }
    this.rest(seat);
    this.dispatch();
  }

  private start(seat: Seat<Request, Reply>, waiting: Waiting<Request, Reply>): void {
    const { owner, request, timeLimitMs } = waiting.job;
    clearTimeout(seat.timer);
    this.busy.set(owner, (this.busy.get(owner) ?? 0) + 1);
    seat.work = waiting;
    seat.child.ref();
    seat.child.channel?.ref();
    seat.timer = setTimeout(() => this.end(seat, new ChildEnded("time")), timeLimitMs);
    seat.child.send(request as object, (error) => {
      if (error) this.end(seat, new ChildEnded("ended"));
    });
  }

  private finish(seat: Seat<Request, Reply>, tell: (waiting: Waiting<Request, Reply>) => void): void {
    clearTimeout(seat.timer);
    const { work } = seat;
    seat.work = null;
    if (work === null) return;
    const { owner } = work.job;
    const left = this.busy.get(owner)! - 1;
    if (left === 0) this.busy.delete(owner);
    else this.busy.set(owner, left);
    settle(work, () => tell(work));
  }

  /** Without work it keeps neither this process alive nor, for long, itself. */
  private rest(seat: Seat<Request, Reply>): void {
    seat.child.unref();
    seat.child.channel?.unref();
    seat.timer = setTimeout(() => this.end(seat, new ChildEnded("ended")), this.options.idleMs).unref();
  }

  private abandon(waiting: Waiting<Request, Reply>, reason: unknown): void {
    const seat = [...this.seats].find(({ work }) => work === waiting);
    if (seat) this.end(seat, reason);
    else {
      this.queue.remove(waiting.job.owner, waiting);
      settle(waiting, () => waiting.reject(reason));
    }
  }

  /** What it was at is told only when it is gone: it holds a place, and perhaps files, until then. */
  private end(seat: Seat<Request, Reply>, verdict: unknown): void {
    seat.verdict ??= verdict;
    clearTimeout(seat.timer);
    seat.child.kill("SIGKILL");
  }

  private gone(seat: Seat<Request, Reply>, signal: NodeJS.Signals | null): void {
    if (!this.seats.delete(seat)) return;
    children.delete(seat.child);
    // A full heap aborts, and so does V8 at an allocation beyond all bounds; the watch over memory kills.
    const reason = signal === "SIGKILL" || signal === "SIGABRT" ? "memory" : "ended";
    this.finish(seat, ({ reject }) => reject(seat.verdict ?? new ChildEnded(reason)));
    if (!seat.isReady && seat.verdict === undefined) {
      for (const waiting of this.queue.drain()) settle(waiting, () => waiting.reject(new ChildEnded("unstartable")));
    }
    this.dispatch();
  }
}

function settle<Request, Reply>(waiting: Waiting<Request, Reply>, tell: () => void): void {
  waiting.unheed();
  tell();
}
