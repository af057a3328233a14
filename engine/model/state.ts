import type { ExecutionEvent, Failure, StepRef, Wait } from "./events.ts";
import { oldUid } from "./identity.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { ExecutionId, StepId, WorkflowId } from "./row-id.ts";
import {
  type CompensationStatus,
  canExecutionBecome,
  canStepBecome,
  type ExecutionStatus,
  isExecutionOver,
  isGivenUp,
  type Outcome,
  type StepRole,
  type StepStatus,
  type TriggerType,
} from "./status.ts";
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

/** All that is known of one execution. The journal stores exactly this; `apply` is the only thing that changes it. */
export interface ExecutionState {
  execution: ExecutionRecord;
  readonly steps: Map<number, StepRecord>;
}

/** Folds one event into the state. Throws when the event does not follow: that is a fault of ours, never of a user. */
export function apply(state: ExecutionState, event: ExecutionEvent): void {
  if (event.type.startsWith("step.")) {
    const next = foldStep(event.stepId === null ? undefined : state.steps.get(event.stepId), event);
    state.steps.set(next.id, next);
    state.execution = { ...state.execution, lastSeq: event.seq };
  } else {
    state.execution = foldExecution(state.execution, event);
  }
}

/** The state that the first event of an execution makes. */
export function create(event: ExecutionEvent): ExecutionState {
  if (event.type !== "execution.created")
    throw new Error(`An execution begins with execution.created, not ${event.type}`);
  const { data } = event;
  return {
    execution: {
      id: event.executionId,
      uid: data.uid ?? oldUid(event.executionId),
      tenantId: data.tenant_id,
      workflowId: data.workflow_id as WorkflowId,
      workflowVersion: data.workflow_version,
      status: "pending",
      compensationStatus: "none",
      outcome: null,
      triggerType: data.trigger_type,
      triggerData: data.trigger_data,
      sealed: event.sealed ?? null,
      correlationId: data.correlation_id,
      idempotencyKey: data.idempotency_key,
      requestHash: data.request_hash,
      parentId: data.parent_id,
      parentStepId: data.parent_step_id,
      forkedFromId: data.forked_from_id,
      depth: data.depth,
      afterFailure: data.after_failure ?? false,
      rootId: data.root_id ?? null,
      traceparent: data.traceparent ?? null,
      lastSeq: event.seq,
      deadlineAt: null,
      pausedAt: null,
      error: null,
      createdAt: event.at,
      startedAt: null,
      completedAt: null,
    },
    steps: new Map(),
  };
}

/** What later steps and the result see of a settled step; undefined: nothing. */
export function visibleOutput({ status, output }: Pick<StepRecord, "status" | "output">): JsonValue | undefined {
  // One that was skipped by hand may have been given an output.
  return status === "completed" || (status === "skipped" && output !== null) ? output : undefined;
}

/** When the execution next needs a look: its nearest timer, retry or deadline. Null while paused or over. */
export function wakeAt(state: ExecutionState): number | null {
  const { execution } = state;
  if (isExecutionOver(execution.status) || execution.status === "paused") return null;
  let next = isGivenUp(execution) ? null : execution.deadlineAt;
  for (const step of state.steps.values()) {
    if (step.wakeAt !== null && (next === null || step.wakeAt < next)) next = step.wakeAt;
  }
  return next;
}

function foldExecution(record: ExecutionRecord, event: ExecutionEvent): ExecutionRecord {
  const become = (status: ExecutionStatus): ExecutionRecord => {
    if (!canExecutionBecome(record.status, status)) {
      throw new Error(`Execution ${record.id} cannot go from ${record.status} to ${status}`);
    }
    return { ...record, status, lastSeq: event.seq };
  };
  switch (event.type) {
    case "execution.started":
      return { ...become("running"), startedAt: event.at, deadlineAt: Date.parse(event.data.deadline_at) };
    case "execution.waiting":
      return become("waiting");
    case "execution.woken":
      return become("running");
    case "execution.paused":
      return { ...become("paused"), pausedAt: event.at };
    case "execution.resumed":
      return { ...become("running"), pausedAt: null, deadlineAt: Date.parse(event.data.deadline_at) };
    case "execution.stopping":
      return {
        ...record,
        lastSeq: event.seq,
        status: record.status === "waiting" || record.status === "paused" ? "running" : record.status,
        outcome: event.data.outcome,
        error: event.data.error,
        compensationStatus: event.data.compensate ? "running" : "none",
        pausedAt: null,
      };
    case "execution.compensating":
      return { ...become("compensating"), compensationStatus: "running", completedAt: null };
    case "execution.compensation_resumed":
      return { ...become("compensating"), compensationStatus: "running", completedAt: null };
    case "execution.completed":
    case "execution.failed":
    case "execution.timed_out":
    case "execution.cancelled":
      return {
        ...become(event.type.slice("execution.".length) as ExecutionStatus),
        compensationStatus: event.data.compensation_status,
        completedAt: event.at,
      };
    case "execution.reopened":
      return {
        ...become("running"),
        outcome: null,
        error: null,
        compensationStatus: "none",
        completedAt: null,
        deadlineAt: Date.parse(event.data.deadline_at),
      };
    default:
      throw new Error(`${event.type} is not an event of a created execution`);
  }
}

function foldStep(known: StepRecord | undefined, event: ExecutionEvent): StepRecord {
  if (event.type === "step.started" || event.type === "step.skipped") {
    const begun = known ?? newStep(event);
    const status = event.type === "step.started" ? "running" : "skipped";
    if (!canStepBecome(begun.status, status))
      throw new Error(`Step ${begun.name} cannot go from ${begun.status} to ${status}`);
    return event.type === "step.started"
      ? {
          ...begun,
          status,
          attempt: event.data.attempt,
          input: event.data.input,
          error: null,
          wakeAt: null,
          wait: awaitedBefore(begun),
          startedAt: begun.startedAt ?? event.at,
        }
      : {
          ...begun,
          status,
          output: event.data.output ?? null,
          sealed: event.sealed ?? null,
          error: null,
          wakeAt: null,
          wait: null,
          completedAt: event.at,
          settledSeq: event.seq,
        };
  }
  if (event.type === "step.carried") {
    if (known) throw new Error(`${known.name} is carried over though it has begun`);
    const { status, input, output, error } = event.data;
    const times = { startedAt: event.at, completedAt: event.at, settledSeq: event.seq };
    return { ...newStep(event), status, input, output, sealed: event.sealed ?? null, error, ...times };
  }
  if (!known) throw new Error(`${event.type} for a step that has not begun`);
  const become = (status: StepStatus): StepRecord => {
    if (!canStepBecome(known.status, status))
      throw new Error(`Step ${known.name} cannot go from ${known.status} to ${status}`);
    return { ...known, status, wakeAt: null, wait: awaitedBefore(known) };
  };
  const settle = (status: StepStatus): StepRecord => ({
    ...become(status),
    completedAt: event.at,
    settledSeq: event.seq,
  });
  const child = childOf(known);
  switch (event.type) {
    case "step.waiting":
      return {
        ...become("waiting"),
        wait: event.data.wait,
        wakeAt: event.data.wake_at === null ? null : Date.parse(event.data.wake_at),
      };
    case "step.retrying":
      return {
        ...become("waiting"),
        wait: { kind: "retry", ...(child !== null && { execution_id: child }) },
        wakeAt: Date.parse(event.data.retry_at),
        error: event.data.error,
      };
    case "step.completed":
      return { ...settle("completed"), output: event.data.output, sealed: event.sealed ?? null, error: null };
    case "step.failed":
      return { ...settle("failed"), error: event.data.error };
    case "step.cancelled":
      return settle("cancelled");
    case "step.reset":
      return { ...become("pending"), attempt: 0, error: null, startedAt: null, completedAt: null, settledSeq: null };
    default:
      throw new Error(`${event.type} is not an event of a step`);
  }
}

/** The child that a `workflow` step has started: when the step is tried again, it goes on with that one. */
export function childOf({ wait }: Pick<StepRecord, "wait">): number | null {
  if (wait?.kind === "execution") return wait.execution_id;
  return (wait?.kind === "retry" ? wait.execution_id : undefined) ?? null;
}

/** What is kept of a wait that is over. */
function awaitedBefore(record: StepRecord): Wait | null {
  const child = childOf(record);
  return child === null ? null : { kind: "execution", execution_id: child };
}

function newStep(
  event: ExecutionEvent & { readonly type: "step.started" | "step.skipped" | "step.carried" },
): StepRecord {
  if (event.stepId === null) throw new Error(`${event.type} without a step`);
  const { data } = event;
  return {
    id: event.stepId,
    order: data.order,
    name: data.name,
    type: data.step_type,
    role: data.role,
    parentId: data.parent_id,
    compensatesId: data.compensates_id,
    ref: { index: data.index, item: data.item, branch: data.branch },
    status: "pending",
    attempt: 0,
    input: null,
    output: null,
    sealed: null,
    error: null,
    wakeAt: null,
    wait: null,
    startedAt: null,
    completedAt: null,
    settledSeq: null,
  };
}
