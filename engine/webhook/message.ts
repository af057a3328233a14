import { randomUUID } from "node:crypto";
import type { WebhookTarget } from "../definition/index.ts";
import { isLargerThan } from "../large-json/index.ts";
import {
  type ExecutionEvent,
  type ExecutionState,
  type ExecutionStatus,
  type JsonObject,
  type JsonValue,
  type StepRecord,
  type StepStatus,
  type TenantId,
  type WebhookEventType,
  webhookEventOf,
} from "../model/index.ts";

/** A larger message is sent without its `result_data`: it is kept in the record until it is delivered. */
const MAX_PAYLOAD_BYTES = 1_048_576;

/** The body, as documented. */
interface Payload {
  readonly event_type: WebhookEventType;
  readonly workflow_id: number;
  readonly execution_id: number;
  /** In the words of the REST API: of the execution, or of the step in a step's event. */
  readonly status: string;
  readonly timestamp: string;
  readonly execution_time_ms: number;
  /** Step name → output; `{error}` for a step that failed. A step's event holds that step alone. */
  readonly result_data: JsonObject | null;
}

/** A row of the outbox, as the journal writes it. */
export interface NewDelivery {
  readonly messageId: string;
  readonly tenantId: TenantId;
  readonly workflowId: number;
  readonly workflowVersion: number;
  readonly executionId: number;
  readonly eventType: WebhookEventType;
  readonly target: number;
  readonly url: string;
  readonly payload: string;
  /** Of the event, ms since the epoch: it is due at once. */
  readonly at: number;
}

/** What an event means to the targets of its workflow version. `state` has the event folded in. */
export function deliveriesOf(
  targets: readonly WebhookTarget[],
  state: ExecutionState,
  event: ExecutionEvent,
): NewDelivery[] {
  const eventType = webhookEventOf(event.type);
  if (eventType === undefined || !targets.some(({ events }) => events.has(eventType))) return [];
  const step = event.stepId === null ? null : state.steps.get(event.stepId)!;
  // Items, inline actions and compensations are parts of a step: what is told of are the steps of the definition.
  if (step !== null && !isTopLevel(step)) return [];
  const { id, tenantId, workflowId, workflowVersion } = state.execution;
  const messageId = `msg_${randomUUID()}`;
  const payload = encode(payloadOf(eventType, state, step, event.at));
  return targets.flatMap(({ url, events }, target) =>
    events.has(eventType)
      ? {
          messageId,
          tenantId,
          workflowId,
          workflowVersion,
          executionId: id,
          eventType,
          target,
          url,
          payload,
          at: event.at,
        }
      : [],
  );
}

function payloadOf(event_type: WebhookEventType, state: ExecutionState, step: StepRecord | null, at: number): Payload {
  const { execution } = state;
  const { status, startedAt } = step ?? execution;
  return {
    event_type,
    workflow_id: execution.workflowId,
    execution_id: execution.id,
    status: wireStatus(status),
    timestamp: new Date(at).toISOString(),
    execution_time_ms: Math.max(at - (startedAt ?? execution.createdAt), 0),
    result_data: resultData(step === null ? state.steps.values() : [step]),
  };
}

function wireStatus(status: ExecutionStatus | StepStatus): string {
  return status === "timed_out" ? "timeout" : status;
}

function resultData(steps: Iterable<StepRecord>): JsonObject {
  const results: [string, JsonValue][] = [];
  for (const step of steps) {
    if (!isTopLevel(step)) continue;
    if (step.status === "completed") results.push([step.name, step.output]);
    else if (step.status === "failed") results.push([step.name, { error: step.error as unknown as JsonValue }]);
  }
  return Object.fromEntries(results);
}

function isTopLevel(step: StepRecord): boolean {
  return step.role === "action" && step.parentId === null;
}

function encode(payload: Payload): string {
  // Not written to find out: with MAX_PAYLOAD_BYTES of characters it has as many bytes at least.
  if (isLargerThan(MAX_PAYLOAD_BYTES, payload.result_data)) return JSON.stringify({ ...payload, result_data: null });
  const text = JSON.stringify(payload);
  return Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES ? text : JSON.stringify({ ...payload, result_data: null });
}
