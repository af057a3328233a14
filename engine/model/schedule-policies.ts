/** What a schedule does when the clock changes, after downtime, and when its last execution still runs; `policiesInput` says it in full. */

export interface DstPolicies {
  /** null: by the expression. */
  readonly dst_gap: "run_after" | "skip" | null;
  readonly dst_overlap: "first" | "both" | null;
}

export interface SchedulePolicies extends DstPolicies {
  readonly missed: "skip" | "latest" | "all";
  readonly missed_max: number;
  readonly overlap: "skip" | "queue" | "cancel";
}
