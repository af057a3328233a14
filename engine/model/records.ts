import type { Failure, StepRef, Wait } from "./events.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { ExecutionId, StepId, WorkflowId } from "./row-id.ts";
import type { CompensationStatus, ExecutionStatus, Outcome, StepRole, StepStatus, TriggerType } from "./status.ts";
import type { TenantId } from "./tenant.ts";

/** An execution's row. Times are ms since the epoch. Replaced, never changed. */
export interface ExecutionRecord {
  readonly id: ExecutionId;
  /** What it is called where other installations are, too (`identity.ts`). */
  readonly uid: string;
  readonly tenantId: TenantId;
  readonly workflowId: WorkflowId;
  readonly workflowVersion: number;
  readonly status: ExecutionStatus;
  readonly compensationStatus: CompensationStatus;
  readonly outcome: Outcome | null;
  readonly triggerType: TriggerType;
  /** With `***` for what its parent gave it of secrets. */
  readonly triggerData: JsonObject;
  /** The same in clear, encrypted, when it holds a secret. */
  readonly sealed: string | null;
  readonly correlationId: string | null;
  readonly idempotencyKey: string | null;
  readonly requestHash: string | null;
  readonly parentId: number | null;
  readonly parentStepId: number | null;
  readonly forkedFromId: number | null;
  readonly depth: number;
  readonly afterFailure: boolean;
  /** The start from outside that led to it, through children and events; null: it is one itself. */
  readonly rootId: number | null;
  /** W3C trace context of what started it. */
  readonly traceparent: string | null;
  readonly lastSeq: number;
  readonly deadlineAt: number | null;
  readonly pausedAt: number | null;
  readonly error: Failure | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
}

/** A row of `execution_step`. */
export interface StepRecord {
  readonly id: StepId;
  readonly order: number;
  readonly name: string;
  readonly type: string;
  readonly role: StepRole;
  readonly parentId: number | null;
  readonly compensatesId: number | null;
  readonly ref: StepRef;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly input: JsonValue;
  /** `***` when it is secret. */
  readonly output: JsonValue;
  /** Its output, encrypted, when that is secret. */
  readonly sealed: string | null;
  readonly error: Failure | null;
  readonly wakeAt: number | null;
  /** What it waits for; of kind `execution` also when it does not, for as long as the child may be gone on with. */
  readonly wait: Wait | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly settledSeq: number | null;
}

/** As it is told of. */
export type ExecutionView = Omit<ExecutionRecord, "sealed">;

/** Without the clients' own JSON, which may have a MiB each. */
export type ExecutionSummary = Omit<ExecutionRecord, "triggerData" | "sealed">;
export type StepSummary = Omit<StepRecord, "input" | "output" | "sealed">;
/** With what it came to. */
export type StepOutcome = Omit<StepRecord, "input" | "sealed">;

/** What later steps and the result see of a settled step; undefined: nothing. */
export function visibleOutput({ status, output }: Pick<StepRecord, "status" | "output">): JsonValue | undefined {
  // One that was skipped by hand may have been given an output.
  return status === "completed" || (status === "skipped" && output !== null) ? output : undefined;
}

/** The child that a `workflow` step has started: when the step is tried again, it goes on with that one. */
export function childOf({ wait }: Pick<StepRecord, "wait">): number | null {
  if (wait?.kind === "execution") return wait.execution_id;
  return (wait?.kind === "retry" ? wait.execution_id : undefined) ?? null;
}
