import { type Failure, isGivenUp } from "../model/index.ts";
import type { ExecutionRun } from "./run.ts";
import { giveUpUndoing } from "./unwind.ts";

/**
 * Gives an execution up that ended the process whenever it was taken in hand: the attempts that were cut off fail, and what
 * was done is undone. One that did so while it was being undone is left to its operator, as any undoing that fails.
 */
export function failAsPoisoned(run: ExecutionRun, ends: number): void {
  const error: Failure = {
    code: "POISONED",
    message: `The process ended ${ends} times while this was in hand, the last time with nothing beside it, and it got no further`,
  };
  if (run.execution.status === "pending") {
    const deadline = run.ports.now() + run.plan.timeoutSeconds * 1_000;
    run.emit("execution.started", null, { deadline_at: new Date(deadline).toISOString() });
  }
  // One that computes at once is killed before it is stored that it began: all that is known is what is next.
  const [next, other] = run.frontier.ready.splice(0);
  const cut = [...run.state.steps.values()].filter((step) => step.status === "running" && !isContainer(run, step.id));
  for (const { id, name } of cut) run.emit("step.failed", id, { name, error });
  if (isGivenUp(run.execution) && !cut.some(({ role }) => role === "compensation")) giveUpUndoing(run);
  const step = cut.find(({ role }) => role === "action")?.name ?? (other ? undefined : next?.name);
  run.stop("failed", step === undefined ? error : { ...error, step });
}

/** A for_each or conditional, which fails with its parts. */
function isContainer(run: ExecutionRun, id: number): boolean {
  return [...run.state.steps.values()].some(({ parentId }) => parentId === id);
}
