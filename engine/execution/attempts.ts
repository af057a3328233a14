import type { EventType, ExecutionEvent, Failure, StepStatus } from "../model/index.ts";

/** One try of a step, as its events tell of it. */
export interface Attempt {
  /** From 1; again from 1 after a retry by hand. */
  readonly number: number;
  readonly status: Extract<StepStatus, "running" | "waiting" | "completed" | "failed" | "cancelled" | "skipped">;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: Failure | null;
  /** When the next one was to begin, after a failure that is retried. */
  readonly retryAt: number | null;
  /** How often a process took it up again that another had left in the middle. */
  readonly resumptions: number;
}

/** The events that attempts are told by. */
export const attemptEvents: readonly EventType[] = [
  "step.started",
  "step.waiting",
  "step.retrying",
  "step.completed",
  "step.failed",
  "step.cancelled",
  "step.skipped",
];

/** The attempts of one step, from its events in order of seq. */
export function attemptsOf(events: readonly ExecutionEvent[]): Attempt[] {
  const attempts: Attempt[] = [];
  const change = (patch: Partial<Attempt>): void => {
    const last = attempts.at(-1);
    if (last && last.endedAt === null) attempts[attempts.length - 1] = { ...last, ...patch };
  };
  for (const event of events) {
    const { at } = event;
    switch (event.type) {
      case "step.started": {
        const last = attempts.at(-1);
        if (last?.endedAt === null) change({ status: "running", resumptions: last.resumptions + 1 });
        else attempts.push(begun(event.data.attempt, at));
        break;
      }
      case "step.waiting":
        change({ status: "waiting" });
        break;
      case "step.retrying":
        change({ status: "failed", endedAt: at, error: event.data.error, retryAt: Date.parse(event.data.retry_at) });
        break;
      case "step.completed":
        change({ status: "completed", endedAt: at });
        break;
      case "step.failed":
        change({ status: "failed", endedAt: at, error: event.data.error });
        break;
      case "step.cancelled":
        change({ status: "cancelled", endedAt: at });
        break;
      case "step.skipped":
        change({ status: "skipped", endedAt: at });
        break;
      default:
    }
  }
  return attempts;
}

function begun(number: number, at: number): Attempt {
  return { number, status: "running", startedAt: at, endedAt: null, error: null, retryAt: null, resumptions: 0 };
}
