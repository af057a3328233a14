import type { ExecutionEvent, ExecutionRecord, JsonObject, StepRecord, TenantId } from "../model/index.ts";
import { waitKey } from "../store/index.ts";
import type { NewDelivery } from "../webhook/index.ts";
import { batch, json } from "./columns.ts";

/** Each kind of row that a flush carries, and its columns. */

export interface ExecutionWrite {
  readonly record: ExecutionRecord;
  readonly epoch: number;
  readonly wakeAt: number | null;
  /** Characters of JSON that it holds. */
  readonly size: number;
  /** `last_seq` as stored: the other half of the fence. 0 for a new execution. */
  readonly previousSeq: number;
  /** A child is stored only if the write of its parent is accepted. */
  readonly guardId: number | null;
}

export const newExecutions = batch<ExecutionWrite>([
  { name: "id", type: "bigint", value: (w) => w.record.id },
  { name: "uid", type: "uuid", value: (w) => w.record.uid },
  { name: "tenant_id", type: "text", value: (w) => w.record.tenantId },
  { name: "workflow_id", type: "int", value: (w) => w.record.workflowId },
  { name: "workflow_version", type: "int", value: (w) => w.record.workflowVersion },
  { name: "status", type: "text", value: (w) => w.record.status },
  { name: "compensation_status", type: "text", value: (w) => w.record.compensationStatus },
  { name: "outcome", type: "text", value: (w) => w.record.outcome },
  { name: "trigger_type", type: "text", value: (w) => w.record.triggerType },
  { name: "trigger_data", type: "json", value: (w, written) => json(w.record.triggerData, written) },
  { name: "sealed", type: "text", value: (w) => w.record.sealed },
  { name: "correlation_id", type: "text", value: (w) => w.record.correlationId },
  { name: "idempotency_key", type: "text", value: (w) => w.record.idempotencyKey },
  { name: "request_hash", type: "text", value: (w) => w.record.requestHash },
  { name: "parent_id", type: "bigint", value: (w) => w.record.parentId },
  { name: "parent_step_id", type: "bigint", value: (w) => w.record.parentStepId },
  { name: "forked_from_id", type: "bigint", value: (w) => w.record.forkedFromId },
  { name: "depth", type: "smallint", value: (w) => w.record.depth },
  { name: "after_failure", type: "boolean", value: (w) => (w.record.afterFailure ? 1 : 0) },
  { name: "root_id", type: "bigint", value: (w) => w.record.rootId },
  { name: "traceparent", type: "text", value: (w) => w.record.traceparent },
  { name: "epoch", type: "int", value: (w) => w.epoch },
  { name: "last_seq", type: "int", value: (w) => w.record.lastSeq },
  { name: "wake_at", type: "timestamptz", value: (w) => w.wakeAt },
  { name: "deadline_at", type: "timestamptz", value: (w) => w.record.deadlineAt },
  { name: "paused_at", type: "timestamptz", value: (w) => w.record.pausedAt },
  { name: "error", type: "json", value: (w, written) => json(w.record.error, written) },
  { name: "size", type: "int", value: (w) => w.size },
  { name: "created_at", type: "timestamptz", value: (w) => w.record.createdAt },
  { name: "started_at", type: "timestamptz", value: (w) => w.record.startedAt },
  { name: "completed_at", type: "timestamptz", value: (w) => w.record.completedAt },
]);

/** `guard_id` of the new executions, in the same order; not a column of the table. */
export const guards = batch<ExecutionWrite>([{ name: "guard_id", type: "bigint", value: (w) => w.guardId }]);

export const changedExecutions = batch<ExecutionWrite>([
  { name: "id", type: "bigint", value: (w) => w.record.id },
  { name: "epoch", type: "int", value: (w) => w.epoch },
  { name: "previous_seq", type: "int", value: (w) => w.previousSeq },
  { name: "last_seq", type: "int", value: (w) => w.record.lastSeq },
  { name: "status", type: "text", value: (w) => w.record.status },
  { name: "compensation_status", type: "text", value: (w) => w.record.compensationStatus },
  { name: "outcome", type: "text", value: (w) => w.record.outcome },
  { name: "wake_at", type: "timestamptz", value: (w) => w.wakeAt },
  { name: "deadline_at", type: "timestamptz", value: (w) => w.record.deadlineAt },
  { name: "paused_at", type: "timestamptz", value: (w) => w.record.pausedAt },
  { name: "size", type: "int", value: (w) => w.size },
  { name: "error", type: "json", value: (w, written) => json(w.record.error, written) },
  { name: "started_at", type: "timestamptz", value: (w) => w.record.startedAt },
  { name: "completed_at", type: "timestamptz", value: (w) => w.record.completedAt },
]);

export interface StepWrite {
  readonly executionId: number;
  readonly tenantId: TenantId;
  readonly record: StepRecord;
}

const stepProgress: Parameters<typeof batch<StepWrite>>[0] = [
  { name: "status", type: "text", value: (w) => w.record.status },
  { name: "attempt", type: "int", value: (w) => w.record.attempt },
  { name: "input", type: "json", value: (w, written) => json(w.record.input, written) },
  { name: "output", type: "json", value: (w, written) => json(w.record.output, written) },
  { name: "sealed", type: "text", value: (w) => w.record.sealed },
  { name: "error", type: "json", value: (w, written) => json(w.record.error, written) },
  { name: "wake_at", type: "timestamptz", value: (w) => w.record.wakeAt },
  { name: "wait", type: "json", value: (w, written) => json(w.record.wait, written) },
  {
    name: "wait_key",
    type: "text",
    value: (w) => (w.record.wait?.kind === "event" ? waitKey(w.tenantId, w.record.wait.event) : null),
  },
  { name: "started_at", type: "timestamptz", value: (w) => w.record.startedAt },
  { name: "completed_at", type: "timestamptz", value: (w) => w.record.completedAt },
  { name: "settled_seq", type: "int", value: (w) => w.record.settledSeq },
];

export const newSteps = batch<StepWrite>([
  { name: "id", type: "bigint", value: (w) => w.record.id },
  { name: "execution_id", type: "bigint", value: (w) => w.executionId },
  { name: "step_order", type: "int", value: (w) => w.record.order },
  { name: "name", type: "text", value: (w) => w.record.name },
  { name: "type", type: "text", value: (w) => w.record.type },
  { name: "role", type: "text", value: (w) => w.record.role },
  { name: "parent_id", type: "bigint", value: (w) => w.record.parentId },
  { name: "compensates_id", type: "bigint", value: (w) => w.record.compensatesId },
  { name: "definition_index", type: "smallint", value: (w) => w.record.ref.index },
  { name: "item_index", type: "int", value: (w) => w.record.ref.item },
  { name: "branch_path", type: "text", value: (w) => w.record.ref.branch },
  ...stepProgress,
]);

export const changedSteps = batch<StepWrite>([
  { name: "id", type: "bigint", value: (w) => w.record.id },
  { name: "execution_id", type: "bigint", value: (w) => w.executionId },
  ...stepProgress,
]);

export const newEvents = batch<ExecutionEvent>([
  { name: "execution_id", type: "bigint", value: (e) => e.executionId },
  { name: "seq", type: "int", value: (e) => e.seq },
  { name: "type", type: "text", value: (e) => e.type },
  { name: "step_id", type: "bigint", value: (e) => e.stepId },
  { name: "data", type: "json", value: (e, written) => json(e.data, written) },
  { name: "sealed", type: "text", value: (e) => e.sealed ?? null },
  { name: "at", type: "timestamptz", value: (e) => e.at },
]);

export interface SentSignal {
  /** The execution whose write sends it. */
  readonly guardId: number;
  readonly executionId: number;
  readonly data: JsonObject;
}

export const sentSignals = batch<SentSignal>([
  { name: "guard_id", type: "bigint", value: (s) => s.guardId },
  { name: "execution_id", type: "bigint", value: (s) => s.executionId },
  { name: "data", type: "json", value: (s, written) => json(s.data, written) },
]);

export interface TakenSignal {
  readonly id: number;
  readonly executionId: number;
}

export const takenSignals = batch<TakenSignal>([
  { name: "id", type: "bigint", value: (s) => s.id },
  { name: "execution_id", type: "bigint", value: (s) => s.executionId },
]);

/** What one execution's write adds to the hourly counts. */
export interface CountDelta {
  readonly executionId: number;
  readonly tenantId: TenantId;
  readonly workflowId: number;
  readonly at: number;
  readonly counter: "started" | "completed" | "failed" | "timed_out" | "cancelled";
  /** -1 when an execution that had ended is opened again. */
  readonly delta: 1 | -1;
}

export const countDeltas = batch<CountDelta>([
  { name: "execution_id", type: "bigint", value: (c) => c.executionId },
  { name: "tenant_id", type: "text", value: (c) => c.tenantId },
  { name: "workflow_id", type: "int", value: (c) => c.workflowId },
  { name: "at", type: "timestamptz", value: (c) => c.at },
  { name: "counter", type: "text", value: (c) => c.counter },
  { name: "delta", type: "int", value: (c) => c.delta },
]);

/** A new execution that an earlier one led to. */
export interface NewDescendant {
  readonly executionId: number;
  readonly rootId: number;
}

export const newDescendants = batch<NewDescendant>([
  { name: "execution_id", type: "bigint", value: (d) => d.executionId },
  { name: "root_id", type: "bigint", value: (d) => d.rootId },
]);

export const newDeliveries = batch<NewDelivery>([
  { name: "message_id", type: "text", value: (d) => d.messageId },
  { name: "tenant_id", type: "text", value: (d) => d.tenantId },
  { name: "workflow_id", type: "int", value: (d) => d.workflowId },
  { name: "workflow_version", type: "int", value: (d) => d.workflowVersion },
  { name: "execution_id", type: "bigint", value: (d) => d.executionId },
  { name: "event_type", type: "text", value: (d) => d.eventType },
  { name: "target", type: "smallint", value: (d) => d.target },
  { name: "url", type: "text", value: (d) => d.url },
  { name: "payload", type: "json", value: (d) => d.payload },
  { name: "created_at", type: "timestamptz", value: (d) => d.at },
]);
