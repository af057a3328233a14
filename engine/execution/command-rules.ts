import { DomainError, type ExecutionSummary, isExecutionOver, type StepRecord } from "../model/index.ts";

/** What may be asked of an execution or a step as it stands. Each throws INVALID_STATE. */

export function checkCancels({ status, outcome }: ExecutionSummary): void {
  if (!isExecutionOver(status) && outcome === null) return;
  throw new DomainError("INVALID_STATE", `Execution cannot be cancelled (status: ${status})`);
}

/** Whether a failed execution can be opened again at this step, to try it once more or to do without it. */
export function checkReopens(execution: ExecutionSummary, step: StepRecord): void {
  if (step.role !== "action" || step.status !== "failed" || !isExecutionOver(execution.status)) {
    throw new DomainError(
      "INVALID_STATE",
      `Only a failed step of a failed execution can be retried or skipped (status: ${step.status})`,
      { field: "step_id" },
    );
  }
  checkReopenable(execution);
}

/** Whether what a failed execution has done still stands, so that it can go on from there. */
export function isReopenable({ status, outcome, compensationStatus }: ExecutionSummary): boolean {
  return isExecutionOver(status) && (outcome === "failed" || outcome === "timed_out") && compensationStatus === "none";
}

export function checkReopenable({ status, outcome, compensationStatus }: ExecutionSummary): void {
  if (outcome !== "failed" && outcome !== "timed_out") {
    throw new DomainError("INVALID_STATE", `The execution did not fail (status: ${status})`);
  }
  if (compensationStatus !== "none") {
    throw new DomainError("INVALID_STATE", "The execution was undone: start or fork a new one");
  }
}
