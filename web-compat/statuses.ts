import type { ExecutionRecord, ExecutionStatus, StepRecord } from "../engine/index.ts";

/** The words of the documented API, which knows fewer states than the engine has. */
export const restExecutionStatuses = ["pending", "running", "completed", "failed", "timeout", "cancelled"] as const;
export type RestExecutionStatus = (typeof restExecutionStatuses)[number];

const executionWords: Readonly<Record<ExecutionStatus, RestExecutionStatus>> = {
  pending: "pending",
  running: "running",
  waiting: "running",
  paused: "running",
  compensating: "running",
  completed: "completed",
  failed: "failed",
  timed_out: "timeout",
  cancelled: "cancelled",
};

export const executionWord = ({ status }: Pick<ExecutionRecord, "status">): RestExecutionStatus =>
  executionWords[status];

/** The engine's states that go by this word. */
export function executionStatusesOf(word: RestExecutionStatus): ExecutionStatus[] {
  return (Object.keys(executionWords) as ExecutionStatus[]).filter((status) => executionWords[status] === word);
}

export const restStepStatuses = ["pending", "running", "completed", "failed", "skipped", "cancelled"] as const;

export const stepWord = ({ status }: Pick<StepRecord, "status">): (typeof restStepStatuses)[number] =>
  status === "waiting" ? "running" : status;
