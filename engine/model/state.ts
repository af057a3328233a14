import type { EventType, ExecutionEvent, Wait } from "./events.ts";
import { oldUid } from "./identity.ts";
import { childOf, type ExecutionRecord, type StepRecord } from "./records.ts";
import type { WorkflowId } from "./row-id.ts";
import {
  canExecutionBecome,
  canStepBecome,
  type ExecutionStatus,
  isExecutionOver,
  isGivenUp,
  type StepStatus,
} from "./status.ts";

type Event<T extends EventType> = ExecutionEvent & { readonly type: T };

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
  switch (event.type) {
    case "step.started":
      return foldStart(known ?? newStep(event), event);
    case "step.skipped":
      return foldSkip(known ?? newStep(event), event);
    case "step.carried":
      if (known) throw new Error(`${known.name} is carried over though it has begun`);
      return foldCarried(event);
    default:
      if (!known) throw new Error(`${event.type} for a step that has not begun`);
      return foldBegun(known, event);
  }
}

function foldStart(step: StepRecord, event: Event<"step.started">): StepRecord {
  check(step, "running");
  return {
    ...step,
    status: "running",
    attempt: event.data.attempt,
    input: event.data.input,
    error: null,
    wakeAt: null,
    wait: awaitedBefore(step),
    startedAt: step.startedAt ?? event.at,
  };
}

function foldSkip(step: StepRecord, event: Event<"step.skipped">): StepRecord {
  check(step, "skipped");
  return {
    ...step,
    status: "skipped",
    output: event.data.output ?? null,
    sealed: event.sealed ?? null,
    error: null,
    wakeAt: null,
    wait: null,
    completedAt: event.at,
    settledSeq: event.seq,
  };
}

function foldCarried(event: Event<"step.carried">): StepRecord {
  const { status, input, output, error } = event.data;
  const times = { startedAt: event.at, completedAt: event.at, settledSeq: event.seq };
  return { ...newStep(event), status, input, output, sealed: event.sealed ?? null, error, ...times };
}

function foldBegun(known: StepRecord, event: ExecutionEvent): StepRecord {
  switch (event.type) {
    case "step.waiting":
      return {
        ...become(known, "waiting"),
        wait: event.data.wait,
        wakeAt: event.data.wake_at === null ? null : Date.parse(event.data.wake_at),
      };
    case "step.retrying": {
      const child = childOf(known);
      return {
        ...become(known, "waiting"),
        wait: { kind: "retry", ...(child !== null && { execution_id: child }) },
        wakeAt: Date.parse(event.data.retry_at),
        error: event.data.error,
      };
    }
    case "step.completed":
      return {
        ...settle(known, "completed", event),
        output: event.data.output,
        sealed: event.sealed ?? null,
        error: null,
      };
    case "step.failed":
      return { ...settle(known, "failed", event), error: event.data.error };
    case "step.cancelled":
      return settle(known, "cancelled", event);
    case "step.reset":
      return {
        ...become(known, "pending"),
        attempt: 0,
        error: null,
        startedAt: null,
        completedAt: null,
        settledSeq: null,
      };
    default:
      throw new Error(`${event.type} is not an event of a step`);
  }
}

function check(step: StepRecord, next: StepStatus): void {
  if (!canStepBecome(step.status, next)) throw new Error(`Step ${step.name} cannot go from ${step.status} to ${next}`);
}

function become(step: StepRecord, status: StepStatus): StepRecord {
  check(step, status);
  return { ...step, status, wakeAt: null, wait: awaitedBefore(step) };
}

function settle(step: StepRecord, status: StepStatus, event: ExecutionEvent): StepRecord {
  check(step, status);
  return {
    ...step,
    status,
    wakeAt: null,
    wait: awaitedBefore(step),
    completedAt: event.at,
    settledSeq: event.seq,
  };
}

/** What is kept of a wait that is over. */
function awaitedBefore(record: StepRecord): Wait | null {
  const child = childOf(record);
  return child === null ? null : { kind: "execution", execution_id: child };
}

function newStep(event: Event<"step.started" | "step.skipped" | "step.carried">): StepRecord {
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
