import type { ExecutionRecord } from "./records.ts";
import type { StepContext } from "./step-type.ts";

/** How one call of a step type ended. `suspended`: it waits as a row, and goes on later. */
export type AttemptEnd = "completed" | "failed" | "suspended";

/** One flush of the journal. */
export interface Flush {
  readonly executions: number;
  readonly events: number;
  /** From sending the statement to Postgres' answer that it is committed. */
  readonly commitMs: number;
  /** From that answer to the last of its events being handed to the bus. */
  readonly publishMs: number;
}

/**
 * What the engine tells of its work, for metrics and traces. It is called on the hot path: an observer is quick, and
 * does not throw. Without one nothing is measured.
 */
export interface Observer {
  /** `traceparent` of the request that is being served; an execution that is started now belongs to it. */
  currentTraceparent?(): string | null;
  /** A step type is about to be called. Answers the `traceparent` that the step sends on; null: the execution's own. */
  attemptStarted?(type: string, context: StepContext): string | null;
  /** `context` is the one that the step was called with. */
  attemptEnded(type: string, end: AttemptEnd, durationMs: number, context: StepContext): void;
  /** After the commit, as are the next three. */
  executionStarted(execution: ExecutionRecord): void;
  executionEnded(execution: ExecutionRecord): void;
  flushed(flush: Flush): void;
  /** By their age or by hand, children included. */
  executionsRemoved(count: number): void;
}

/** What it tells whoever operates it. */
export type EngineLogger = (
  level: "debug" | "info" | "warning" | "error",
  message: string,
  fields: Readonly<Record<string, string | number | null>>,
) => void;
