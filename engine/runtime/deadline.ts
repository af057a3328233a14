import { AsyncLocalStorage } from "node:async_hooks";
import { ConnectionError } from "../model/index.ts";

/** What a wait takes that begins when the time is over already: to end a transaction in order, not to work on. */
const GRACE_MS = 100;

/** The time of a request is over, and what it waited for is not there. */
export class DeadlineError extends ConnectionError {
  override readonly name = "DeadlineError";

  constructor(message: string, wasSent: boolean) {
    super(message, "busy", wasSent);
  }
}

/**
 * By when a request is answered. What it waits for takes the rest of it: a connection, a statement, a commit.
 * Work that it set going and that goes on after its answer has none.
 */
export class Deadline {
  private startedAt = performance.now();
  /** When work began that has a limit of its own; several may be under way. */
  private pausedAt = 0;
  private pauses = 0;
  private isOver = false;
  /** What is called when the time is over: one timer for all that a request waits for. */
  private readonly waits = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly limitMs: number) {}

  /** 0 when it has passed. */
  get leftMs(): number {
    const now = this.pauses > 0 ? this.pausedAt : performance.now();
    return Math.max(this.startedAt + this.limitMs - now, 0);
  }

  /** For one wait, which is always given the time to fail in order. */
  get waitMs(): number {
    return Math.max(this.leftMs, GRACE_MS);
  }

  /** Calls `late` when the time is over, unless that is taken back by `unwatch`, or the request is answered before. */
  watch(late: () => void): void {
    this.waits.add(late);
    this.timer ??= this.arm();
  }

  unwatch(late: (() => void) | undefined): void {
    if (late) this.waits.delete(late);
  }

  /** What is waited for keeps the process, not the end of the wait. */
  private arm(): NodeJS.Timeout {
    return setTimeout(this.passed, this.waitMs).unref();
  }

  private readonly passed = (): void => {
    this.timer = undefined;
    if (this.waits.size === 0) return;
    // It was restarted, or stood still meanwhile.
    if (this.leftMs > 0) this.timer = this.arm();
    else {
      const late = [...this.waits];
      this.waits.clear();
      for (const call of late) call();
    }
  };

  /** Whether the request still waits for its answer. */
  get isOn(): boolean {
    return !this.isOver;
  }

  /** What came before was not the service's to wait for: the client had not sent all. */
  restart(): void {
    this.startedAt = performance.now();
  }

  pause(): void {
    if (this.pauses++ === 0) this.pausedAt = performance.now();
  }

  resume(): void {
    if (--this.pauses === 0) this.startedAt += performance.now() - this.pausedAt;
  }

  /** The request is answered, or has become a stream. */
  end(): void {
    this.isOver = true;
    this.waits.clear();
    clearTimeout(this.timer);
  }

  run<T>(work: () => T): T {
    return deadlines.run(this, work);
  }
}

/** For a request, unless the operator says otherwise. */
export const REQUEST_MS = 10_000;

const deadlines = new AsyncLocalStorage<Deadline>();

/** Of the request that is being worked on; undefined: nobody waits for an answer. */
export function currentDeadline(): Deadline | undefined {
  const deadline = deadlines.getStore();
  return deadline?.isOn ? deadline : undefined;
}

/** Works on a request that is to be answered within `limitMs`. */
export async function withDeadline<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = new Deadline(limitMs);
  try {
    return await deadline.run(work);
  } finally {
    deadline.end();
  }
}

/** The service's own work, which a request may have set going and which others wait for too. */
export function withoutDeadline<T>(work: () => T): T {
  return deadlines.exit(work);
}

/** Work with a limit of its own, such as reading a document: its time is not the request's. */
export async function untimed<T>(work: () => Promise<T>): Promise<T> {
  const deadline = currentDeadline();
  if (!deadline) return work();
  deadline.pause();
  try {
    return await withoutDeadline(work);
  } finally {
    deadline.resume();
  }
}

/** What is waited for, unless the request's time is over first. `wasSent`: it may come about all the same. @throws DeadlineError */
export async function withinDeadline<T>(waited: Promise<T>, late: string, wasSent: boolean): Promise<T> {
  const deadline = currentDeadline();
  if (!deadline) return waited;
  const over = Promise.withResolvers<never>();
  const isLate = (): void => over.reject(new DeadlineError(late, wasSent));
  deadline.watch(isLate);
  // When it comes too late, its own failure has nobody to hear of it.
  waited.catch(() => {});
  try {
    return await Promise.race([waited, over.promise]);
  } finally {
    deadline.unwatch(isLate);
  }
}
