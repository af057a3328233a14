import type { JsonObject, JsonValue } from "./json.ts";
import type { ExecutionId, StepId } from "./row-id.ts";
import type { CompensationStatus, Outcome, TriggerType } from "./status.ts";
import type { TenantId } from "./tenant.ts";

/** Why a step or an execution failed, as it is stored and shown. Secrets are masked. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The step that failed, on an execution's failure. */
  readonly step?: string;
  readonly details?: JsonObject;
}

/** Where a unit of work belongs in the definition. */
export interface StepRef {
  /** Position of the step in the definition, from 0. */
  readonly index: number;
  /** Position of the item, inside for_each. */
  readonly item: number | null;
  /** Which inline action of a conditional: `t` or `f` a level; empty for the step itself. */
  readonly branch: string;
}

/** What a waiting step waits for. */
export type Wait =
  | { readonly kind: "timer"; readonly until: string; readonly output: JsonValue }
  | { readonly kind: "retry"; readonly execution_id?: number }
  | {
      readonly kind: "event";
      readonly event: string;
      readonly correlation: string | null;
      readonly approval: boolean;
      /** Values, by dotted path, that the event's data must have. */
      readonly match?: JsonObject;
      /** The domain event that asks for it. */
      readonly publish?: { readonly type: string; readonly data: JsonObject };
    }
  | { readonly kind: "execution"; readonly execution_id: number };

interface StepIdentity {
  readonly name: string;
  readonly step_type: string;
  readonly role: "action" | "compensation";
  readonly order: number;
  readonly index: number;
  readonly item: number | null;
  readonly branch: string;
  readonly parent_id: number | null;
  readonly compensates_id: number | null;
}

interface Ending {
  readonly compensation_status: CompensationStatus;
}

/** Every event there is, and what it carries. Names are stable: subscribers and webhooks branch on them. */
export interface EventData {
  "execution.created": {
    /** What it is called where other installations are, too. Absent in events from before it had one. */
    readonly uid?: string;
    readonly tenant_id: TenantId;
    readonly workflow_id: number;
    readonly workflow_version: number;
    readonly trigger_type: TriggerType;
    readonly trigger_data: JsonObject;
    readonly correlation_id: string | null;
    readonly idempotency_key: string | null;
    readonly request_hash: string | null;
    readonly parent_id: number | null;
    readonly parent_step_id: number | null;
    readonly forked_from_id: number | null;
    /** 0 for a start from outside, one more for each level of children and of what events start. */
    readonly depth: number;
    /** The event of a failure started it, or what led to it. Absent: no. */
    readonly after_failure?: true;
    /** The start from outside that led to it, through whatever came between. Absent: it is one itself. */
    readonly root_id?: number;
    /** W3C trace context of what started it. Absent when there was none. */
    readonly traceparent?: string;
  };
  "execution.started": { readonly deadline_at: string };
  /** Nothing is in hand: every open step waits. */
  "execution.waiting": Record<never, never>;
  /** A wait ended, by its time or by an event. */
  "execution.woken": Record<never, never>;
  "execution.paused": Record<never, never>;
  "execution.resumed": { readonly deadline_at: string };
  /** The work is given up; what is in hand is stopped, then undone if `compensate`. */
  "execution.stopping": {
    readonly outcome: Outcome;
    readonly error: Failure;
    readonly compensate: boolean;
  };
  "execution.compensating": Record<never, never>;
  /** An undoing that failed for good is taken up again by hand. */
  "execution.compensation_resumed": { readonly was: Outcome };
  "execution.completed": Ending;
  "execution.failed": Ending;
  "execution.timed_out": Ending;
  "execution.cancelled": Ending;
  /** A failed step is tried again by hand. */
  "execution.reopened": { readonly step: string; readonly was: Outcome; readonly deadline_at: string };
  "step.started": StepIdentity & { readonly attempt: number; readonly input: JsonValue };
  "step.waiting": { readonly name: string; readonly wait: Wait; readonly wake_at: string | null };
  "step.retrying": {
    readonly name: string;
    readonly attempt: number;
    readonly error: Failure;
    readonly retry_at: string;
  };
  "step.completed": { readonly name: string; readonly output: JsonValue };
  "step.failed": { readonly name: string; readonly error: Failure };
  /** `output` when it is skipped by hand: what later steps see in its place; null: nothing. */
  "step.skipped": StepIdentity & { readonly reason: string; readonly output?: JsonValue };
  /** A fork takes the step over from the execution that it was forked from: no attempt of it was made here. */
  "step.carried": StepIdentity & {
    readonly from_step_id: number | null;
    readonly status: "completed" | "failed" | "skipped";
    readonly input: JsonValue;
    readonly output: JsonValue;
    readonly error: Failure | null;
  };
  "step.cancelled": { readonly name: string; readonly reason: string };
  /** Back to the start, because a step is retried by hand. */
  "step.reset": { readonly name: string };
}

export type EventType = keyof EventData;

/** The types that events of an execution's end have; the stream of events completes after one. */
export const endingEvents: readonly EventType[] = [
  "execution.completed",
  "execution.failed",
  "execution.timed_out",
  "execution.cancelled",
];

/** Without its data, which may hold the clients' own JSON. */
export type EventSummary = Pick<ExecutionEvent, "executionId" | "seq" | "type" | "stepId" | "at">;

/** Discriminated by `type`. `seq` counts from 1 without a gap; `at` is ms since the epoch. */
export type ExecutionEvent = {
  [T in EventType]: {
    readonly executionId: ExecutionId;
    readonly seq: number;
    readonly type: T;
    readonly stepId: StepId | null;
    /** `signal_id`: of the command that caused it. */
    readonly data: EventData[T] & { readonly signal_id?: number };
    readonly at: number;
    /** What `data` shows as `***`, encrypted: a secret output, or secret trigger data. Kept, and told nobody. */
    readonly sealed?: string;
  };
}[EventType];
