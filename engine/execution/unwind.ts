import { isStepOver } from "../model/index.ts";
import { stillToUndo } from "./compensation.ts";
import type { ExecutionRun } from "./run.ts";
import { compensationUnit, type Unit } from "./unit.ts";

/** The work is given up: when nothing is in hand any more what was done is undone, one by one, and then it ends. */
export function unwind(run: ExecutionRun): void {
  if (!run.idle || run.frontier.waiting.size > 0) return;
  cancelOpen(run);
  const { compensationStatus, status } = run.execution;
  const next = compensationStatus === "none" ? undefined : (run.frontier.ready.shift() ?? nextUndo(run));
  if (next === undefined) run.end(status === "compensating" ? "completed" : "none");
  else if (next === "failed") run.end("failed");
  else {
    if (status !== "compensating") run.emit("execution.compensating", null, {});
    run.begin(next);
  }
}

/** What is still to be undone is left to an operator. */
export function giveUpUndoing(run: ExecutionRun): void {
  cancelOpen(run);
  run.end("failed");
}

function cancelOpen(run: ExecutionRun): void {
  const reason = `The execution is ${run.execution.outcome}`;
  for (const { id, name, role, status } of run.state.steps.values()) {
    // Not only what ran: a retry or an item may have been about to begin.
    if (role === "action" && !isStepOver(status)) run.emit("step.cancelled", id, { name, reason });
  }
}

/** A compensation that failed for good stops the undoing: what is before it may depend on it. */
function nextUndo(run: ExecutionRun): Unit | "failed" | undefined {
  for (const { role, status } of run.state.steps.values()) {
    if (role === "compensation" && status === "failed") return "failed";
  }
  const record = stillToUndo(run.plan.definition, run.state)[0];
  return record && compensationUnit(run, record);
}
