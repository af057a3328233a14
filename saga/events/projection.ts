import {
  type EventType,
  endingEvents,
  type JsonObject,
  type JsonValue,
  type NotedEvent,
  workflowCorrelation,
} from "../../engine/index.ts";
import type { KnownEventType, NewDomainEvent } from "./domain-event.ts";

/** The types of execution events that say something to others; `step.waiting` does when it asks for an event. */
export const projectedTypes: readonly EventType[] = [
  "execution.started",
  "execution.compensating",
  "execution.compensation_resumed",
  ...endingEvents,
  "step.started",
  "step.completed",
  "step.failed",
];

/**
 * What an event of an execution means to others. A workflow's execution speaks as `workflow.*`, a saga of a registered
 * type as `saga.*`; that something is undone is said as `saga.*` by both, for there is no other word.
 */
export function project(row: NotedEvent): NewDomainEvent[] {
  const asked = row.type === "step.waiting" ? publishOf(row.data) : null;
  if (asked) return [domainEvent(row, asked.type, { ...asked.data })];
  const isPart = typeof row.data.name === "string" && row.data.name.includes("[");
  if (isPart) return [];
  return namesOf(row).map((name) => domainEvent(row, name, dataOf(row)));
}

function namesOf({ type, sagaType, data }: NotedEvent): KnownEventType[] {
  const isSaga = sagaType !== null;
  switch (type) {
    case "execution.started":
      return [isSaga ? "saga.started" : "workflow.started"];
    case "execution.compensating":
    case "execution.compensation_resumed":
      return ["saga.compensating"];
    case "execution.completed":
      return [isSaga ? "saga.completed" : "workflow.completed"];
    case "execution.failed":
    case "execution.timed_out":
    case "execution.cancelled": {
      const isUndone = data.compensation_status === "completed";
      if (isSaga) return [isUndone ? "saga.compensated" : "saga.failed"];
      return isUndone ? ["saga.compensated", "workflow.failed"] : ["workflow.failed"];
    }
    case "step.started":
      return isSaga && data.attempt === 1 ? ["saga.step_started"] : [];
    case "step.completed":
      return [isSaga ? "saga.step_completed" : "workflow.step_completed"];
    case "step.failed":
      return isSaga ? ["saga.step_failed"] : [];
    default:
      return [];
  }
}

/** Small: whoever wants more asks for the saga. */
function dataOf({ type, data, executionId, uid, workflowId, sagaType }: NotedEvent): JsonObject {
  const own: Record<string, JsonValue> = { saga_id: uid, execution_id: executionId };
  if (sagaType === null) own.workflow_id = workflowId;
  else own.saga_type = sagaType;
  if (typeof data.name === "string") own.step_name = data.name;
  if (sagaType !== null && type === "step.completed") own.result = data.output ?? null;
  if (type === "step.failed") own.error = data.error ?? null;
  if (endingEvents.includes(type)) {
    own.status = type.slice("execution.".length);
    own.compensation_status = data.compensation_status ?? "none";
  }
  return own;
}

function domainEvent(row: NotedEvent, type: string, data: JsonObject): NewDomainEvent {
  const sagaId = row.uid;
  return {
    tenantId: row.tenantId,
    type,
    aggregateType: row.sagaType === null ? "workflow" : "saga",
    aggregateId: sagaId,
    data,
    metadata: {
      saga_id: sagaId,
      execution_id: row.executionId,
      seq: row.seq,
      workflow_id: row.workflowId,
      depth: row.depth,
      ...(row.afterFailure && { after_failure: true }),
    },
    correlationId:
      row.sagaType === null ? workflowCorrelation(row.workflowId, row.executionId) : (row.correlationId ?? sagaId),
    at: row.at,
  };
}

function publishOf(data: JsonObject): { readonly type: string; readonly data: JsonObject } | null {
  const { publish } = (data.wait ?? {}) as { publish?: { type: string; data: JsonObject } };
  return publish ?? null;
}
