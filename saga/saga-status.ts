import type { ExecutionRecord, Standing, StepOutcome } from "../engine/index.ts";

export const sagaStatuses = [
  "pending",
  "running",
  "completed",
  "compensating",
  "compensated",
  "failed",
  "cancelled",
] as const;
export type SagaStatus = (typeof sagaStatuses)[number];

/** Where a saga stands. That it was cancelled tells more than that it was undone; that undoing failed, more than either. */
export const standings: Readonly<Record<SagaStatus, readonly Standing[]>> = {
  pending: [{ statuses: ["pending"] }],
  running: [{ statuses: ["running", "waiting", "paused"] }],
  completed: [{ statuses: ["completed"] }],
  compensating: [{ statuses: ["compensating"] }],
  compensated: [{ statuses: ["failed", "timed_out"], compensations: ["completed"] }],
  failed: [
    { statuses: ["failed", "timed_out"], compensations: ["none", "running", "failed"] },
    { statuses: ["cancelled"], compensations: ["failed"] },
  ],
  cancelled: [{ statuses: ["cancelled"], compensations: ["none", "running", "completed"] }],
};

export function sagaStatus({
  status,
  compensationStatus,
}: Pick<ExecutionRecord, "status" | "compensationStatus">): SagaStatus {
  const stands = ({ statuses, compensations }: Standing): boolean =>
    statuses.includes(status) && (compensations?.includes(compensationStatus) ?? true);
  return sagaStatuses.find((name) => standings[name].some(stands))!;
}

export const sagaStepStatuses = [
  "pending",
  "running",
  "completed",
  "failed",
  "skipped",
  "cancelled",
  "compensating",
  "compensated",
  "compensation_failed",
] as const;
export type SagaStepStatus = (typeof sagaStepStatuses)[number];

/** Where a step stands, its undoing included. */
export function sagaStepStatus(action: StepOutcome | undefined, undo: StepOutcome | undefined): SagaStepStatus {
  if (undo?.status === "completed") return "compensated";
  if (undo?.status === "failed") return "compensation_failed";
  if (undo && undo.status !== "skipped") return "compensating";
  if (!action) return "pending";
  return action.status === "waiting" ? "running" : action.status;
}
