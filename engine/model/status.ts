/**
 * The words for where an execution, a step and a workflow stand, and which word may follow which.
 * Pure tables: everything else asks them.
 */

export const executionStatuses = [
  "pending",
  "running",
  "waiting",
  "paused",
  "compensating",
  "completed",
  "failed",
  "timed_out",
  "cancelled",
] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** How an execution that did not complete ended its work; kept while it is being undone. */
export type Outcome = "failed" | "timed_out" | "cancelled";

export const compensationStatuses = ["none", "running", "completed", "failed"] as const;
export type CompensationStatus = (typeof compensationStatuses)[number];

export const stepStatuses = ["pending", "running", "waiting", "completed", "failed", "skipped", "cancelled"] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** What a step does: a part of the work, or the undoing of one. */
export type StepRole = "action" | "compensation";

export const triggerTypes = ["manual", "scheduled", "file_upload", "webhook", "event"] as const;
export type TriggerType = (typeof triggerTypes)[number];

const executionNext: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  pending: ["running", "cancelled"],
  running: ["waiting", "paused", "compensating", "completed", "failed", "timed_out", "cancelled"],
  waiting: ["running", "paused"],
  paused: ["running"],
  compensating: ["waiting", "failed", "timed_out", "cancelled"],
  completed: [],
  // A failed step can be retried by hand, which opens the execution again; a failed undo can be resumed.
  failed: ["running", "compensating"],
  timed_out: ["running", "compensating"],
  cancelled: ["compensating"],
};

const stepNext: Readonly<Record<StepStatus, readonly StepStatus[]>> = {
  pending: ["running", "skipped", "failed", "cancelled"],
  running: ["running", "waiting", "completed", "failed", "cancelled"],
  waiting: ["running", "completed", "failed", "skipped", "cancelled"],
  completed: [],
  failed: ["running", "pending", "skipped"],
  skipped: [],
  cancelled: ["running", "pending"],
};

export function canExecutionBecome(from: ExecutionStatus, to: ExecutionStatus): boolean {
  return executionNext[from].includes(to);
}

export function canStepBecome(from: StepStatus, to: StepStatus): boolean {
  return stepNext[from].includes(to);
}

/** The work has failed, run out of time or been cancelled: nothing of it begins any more, and only undoing goes on. */
export function isGivenUp({ outcome }: { readonly outcome: Outcome | null }, role: StepRole = "action"): boolean {
  return role === "action" && outcome !== null;
}

/** Nothing more will happen by itself. */
export function isExecutionOver(status: ExecutionStatus): boolean {
  return status === "completed" || status === "failed" || status === "timed_out" || status === "cancelled";
}

export function isStepOver(status: StepStatus): boolean {
  return status === "completed" || status === "failed" || status === "skipped" || status === "cancelled";
}

export const workflowStatuses = ["active", "inactive", "paused", "deleted"] as const;

export type WorkflowStatus = (typeof workflowStatuses)[number];
