import type { ExecutionRecord, StepOutcome } from "../engine/index.ts";

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
export function sagaStatus({ status, compensationStatus }: ExecutionRecord): SagaStatus {
  switch (status) {
    case "pending":
    case "completed":
    case "compensating":
      return status;
    case "running":
    case "waiting":
    case "paused":
      return "running";
    case "cancelled":
      return compensationStatus === "failed" ? "failed" : "cancelled";
    case "failed":
    case "timed_out":
      return compensationStatus === "completed" ? "compensated" : "failed";
  }
}

/** The same as conditions on the row of an execution `e`. */
export const statusConditions: Readonly<Record<SagaStatus, string>> = {
  pending: "e.status = 'pending'",
  running: "e.status IN ('running', 'waiting', 'paused')",
  completed: "e.status = 'completed'",
  compensating: "e.status = 'compensating'",
  compensated: "e.status IN ('failed', 'timed_out') AND e.compensation_status = 'completed'",
  failed:
    "(e.status IN ('failed', 'timed_out') AND e.compensation_status <> 'completed' OR e.status = 'cancelled' AND e.compensation_status = 'failed')",
  cancelled: "e.status = 'cancelled' AND e.compensation_status <> 'failed'",
};

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
