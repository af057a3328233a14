import type { EventType, ExecutionEvent, ExecutionRecord, ExecutionStatus } from "../model/index.ts";

/** An execution has another status: what lists of executions live on. Goes to the channels of its workflow and tenant. */
export interface ExecutionChange {
  readonly kind: "change";
  readonly executionId: number;
  readonly workflowId: number;
  readonly seq: number;
  readonly type: EventType;
  readonly status: ExecutionStatus;
  readonly at: number;
}

/** Changes may have been missed: what was read before has to be read again. */
interface Resync {
  readonly kind: "resync";
  readonly at: number;
}

export type ActivityItem = ExecutionChange | Resync;

const statusAfter: Partial<Readonly<Record<EventType, ExecutionStatus>>> = {
  "execution.created": "pending",
  "execution.started": "running",
  "execution.waiting": "waiting",
  "execution.woken": "running",
  "execution.paused": "paused",
  "execution.resumed": "running",
  "execution.compensating": "compensating",
  "execution.completed": "completed",
  "execution.failed": "failed",
  "execution.timed_out": "timed_out",
  "execution.cancelled": "cancelled",
  "execution.reopened": "running",
};

/** Null for an event after which the status is what it was. */
export function changeOf({ workflowId }: ExecutionRecord, event: ExecutionEvent): ExecutionChange | null {
  const status = statusAfter[event.type];
  if (status === undefined) return null;
  const { executionId, seq, type, at } = event;
  return { kind: "change", executionId, workflowId, seq, type, status, at };
}
