import {
  DomainError,
  type ExecutionSummary,
  isExecutionOver,
  isGivenUp,
  type SignalData,
  type StepRecord,
} from "../model/index.ts";

/** What is asked of an execution, or of one step of it. */
export type CommandData = Exclude<SignalData, { readonly kind: "child" }>;
type Command = CommandData["kind"] | "approve";

interface Refusal {
  readonly message: string;
  /** The argument that names the step. */
  readonly field?: "step_id";
}

/** `step`: the one that the command names; null: it names none, or there is none. */
type Rule = (execution: ExecutionSummary, step: StepRecord | null) => Refusal | null;

/**
 * Whether a command may act on an execution as it stands: asked before the command is stored, and again by the run that
 * acts on it, which alone decides.
 */
const rules: Readonly<Record<Command, Rule>> = {
  cancel: (execution) => (isAtWork(execution) ? null : cannotBe("cancelled", execution)),
  pause: (execution) => (isAtWork(execution) && execution.status !== "paused" ? null : cannotBe("paused", execution)),
  resume: (execution) => (execution.status === "paused" ? null : cannotBe("resumed", execution)),
  retry: (execution, step) => notFailed(execution, step) ?? notReopenable(execution),
  skip: (execution, step) => {
    if (step?.status === "failed") return notFailed(execution, step) ?? notReopenable(execution);
    if (step?.status === "waiting" && !isGivenUp(execution, step.role)) return null;
    return ofStep(step, "Only a step that waits, or that failed its execution, can be skipped");
  },
  resume_compensation: notStuck,
  skip_compensation: (execution, step) =>
    notStuck(execution) ??
    (step?.role === "compensation" && step.status === "failed"
      ? null
      : ofStep(step, "Only a compensation that failed can be skipped")),
  event: ({ status }) =>
    isExecutionOver(status) ? { message: `The execution takes no more events (status: ${status})` } : null,
  approve: (_execution, step) =>
    step?.status === "waiting" && step.wait?.kind === "event" && step.wait.approval
      ? null
      : ofStep(step, "The step does not wait for an approval"),
};

/** Why the command may not act; null: it may. A retry without a step is of whatever was stopped. */
export function refusalOf(data: CommandData, execution: ExecutionSummary, step: StepRecord | null): DomainError | null {
  const refusal = rules[commandOf(data)](execution, step);
  return refusal && new DomainError("INVALID_STATE", refusal.message, refusal.field && { field: refusal.field });
}

/** Whether what a failed execution has done still stands, so that it can go on from there. */
export function isReopenable(execution: ExecutionSummary): boolean {
  return isExecutionOver(execution.status) && notReopenable(execution) === null;
}

/** An event that is meant for one step is an answer to it, unless it is a domain event: those are sent to whoever waits. */
function commandOf(data: CommandData): Command {
  return data.kind === "event" && data.step_id !== null && data.position === undefined ? "approve" : data.kind;
}

function isAtWork(execution: ExecutionSummary): boolean {
  return !isExecutionOver(execution.status) && !isGivenUp(execution);
}

function notFailed({ status }: ExecutionSummary, step: StepRecord | null): Refusal | null {
  const isFailed = step === null || (step.role === "action" && step.status === "failed");
  if (isFailed && isExecutionOver(status)) return null;
  return ofStep(step, "Only a failed step of a failed execution can be retried or skipped");
}

function notReopenable({ status, outcome, compensationStatus }: ExecutionSummary): Refusal | null {
  if (outcome !== "failed" && outcome !== "timed_out") {
    return { message: `The execution did not fail (status: ${status})` };
  }
  return compensationStatus === "none" ? null : { message: "The execution was undone: start or fork a new one" };
}

/** What has failed of an undoing can be gone on with. */
function notStuck({ status, compensationStatus }: ExecutionSummary): Refusal | null {
  if (isExecutionOver(status) && compensationStatus === "failed") return null;
  return { message: `No compensation has failed (compensation_status: ${compensationStatus})` };
}

function cannotBe(what: string, { status }: ExecutionSummary): Refusal {
  return { message: `Execution cannot be ${what} (status: ${status})` };
}

function ofStep(step: StepRecord | null, message: string): Refusal {
  return { message: `${message} (status: ${step?.status ?? "none"})`, field: "step_id" };
}
