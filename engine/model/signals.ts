import type { JsonValue } from "./json.ts";
import type { ExecutionStatus } from "./status.ts";

/** What may be asked of an execution from outside. Stored as a row until the run that holds it has acted on it. */
export type SignalData =
  | { readonly kind: "cancel"; readonly compensate: boolean; readonly reason: string | null }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  /** Null: whatever was stopped, as in one that timed out, where no step has failed. */
  | { readonly kind: "retry"; readonly step_id: number | null }
  | { readonly kind: "resume_compensation" }
  /** Leaves what this compensation was to undo as it is, and goes on with the rest. */
  | { readonly kind: "skip_compensation"; readonly step_id: number; readonly reason: string }
  | { readonly kind: "skip"; readonly step_id: number; readonly output: JsonValue; readonly reason: string }
  | {
      readonly kind: "event";
      readonly event: string;
      readonly correlation: string | null;
      /** Meant for this step alone; null: for whichever step waits for it. */
      readonly step_id: number | null;
      readonly data: JsonValue;
      /** Of a domain event, which only counts for a step that waits when it comes. */
      readonly position?: number;
    }
  | {
      readonly kind: "child";
      readonly step_id: number;
      readonly execution_id: number;
      readonly status: ExecutionStatus;
    };

export interface Signal {
  readonly id: number;
  readonly data: SignalData;
}
