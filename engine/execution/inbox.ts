import {
  isExecutionOver,
  isGivenUp,
  isJsonObject,
  isStepOver,
  type JsonValue,
  type Signal,
  type SignalData,
  StepError,
  type StepRecord,
} from "../model/index.ts";
import { CANCELLED } from "./command-input.ts";
import { isReopenable, refusalOf } from "./command-rules.ts";
import { answers } from "./match.ts";
import type { ExecutionRun } from "./run.ts";
import { completeStep, failStep, settle } from "./settle.ts";
import { childEnded } from "./wait.ts";
import { skipByHand, skipRecord } from "./work.ts";

/**
 * Signals that were read and not acted on yet. An event that nobody waits for stays until a step does,
 * or until the execution ends.
 */
export class Inbox {
  private readonly signals = new Map<number, Signal>();
  /** Ids are no cursor: of two commits at the same time, the one with the greater id may be seen first. */
  private readonly seen = new Set<number>();

  add(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (this.seen.has(signal.id)) continue;
      this.seen.add(signal.id);
      this.signals.set(signal.id, signal);
    }
  }

  handle(run: ExecutionRun): void {
    for (const signal of [...this.signals.values()]) {
      const act = (): boolean => handle(run, signal.data);
      const isTaken = isCommand(signal.data) ? run.acting(signal.id, act) : act();
      if (isTaken) this.done(run, signal.id);
    }
  }

  /** The execution is over: what is left will never be acted on. */
  clear(run: ExecutionRun): void {
    for (const id of [...this.signals.keys()]) this.done(run, id);
  }

  private done(run: ExecutionRun, id: number): void {
    this.signals.delete(id);
    run.entry.take(id);
  }
}

/** Somebody waits to hear what became of it. */
function isCommand(data: SignalData): boolean {
  return data.kind !== "child" && (data.kind !== "event" || data.position === undefined);
}

/** Returns false when the signal is to be kept for later. One that is refused is taken, and nothing names it. */
function handle(run: ExecutionRun, signal: SignalData): boolean {
  if (signal.kind === "child") return receiveChild(run, signal);
  const step = run.state.steps.get(("step_id" in signal ? signal.step_id : null) ?? Number.NaN) ?? null;
  if (refusalOf(signal, run.execution, step) !== null) {
    // A parent asks for a retry while somebody else has repaired its child, and waits to hear of its end.
    if (signal.kind === "retry" && isExecutionOver(run.execution.status)) run.tellParent();
    return true;
  }
  switch (signal.kind) {
    case "cancel":
      run.stop("cancelled", { code: "CANCELLED", message: signal.reason ?? CANCELLED }, signal.compensate);
      return true;
    case "pause":
      if (run.execution.status === "pending") return false;
      run.emit("execution.paused", null, {});
      return true;
    case "resume":
      resume(run);
      return true;
    case "retry":
      retry(run, step);
      return true;
    case "resume_compensation":
      resumeCompensation(run, null);
      return true;
    case "skip_compensation":
      resumeCompensation(run, signal);
      return true;
    case "skip":
      return skip(run, step!, signal);
    case "event":
      return deliver(run, signal);
  }
}

/** The clock of the whole stood still while it was paused. */
function resume(run: ExecutionRun): void {
  const { pausedAt, deadlineAt } = run.execution;
  const pausedMs = run.ports.now() - (pausedAt ?? run.ports.now());
  run.emit("execution.resumed", null, { deadline_at: new Date((deadlineAt ?? 0) + pausedMs).toISOString() });
}

/** Opens a failed execution again at the step that failed; null: at whatever was stopped. */
function retry(run: ExecutionRun, step: StepRecord | null): void {
  const stopped = step ?? [...run.state.steps.values()].find((record) => isStopped(run, record));
  if (!stopped) {
    run.tellParent();
    return;
  }
  reopen(run, stopped);
  // What fell with it starts again too: its ancestors, and what was cancelled beside it.
  for (const record of run.state.steps.values()) {
    const { name, role } = record;
    if (role === "action" && (isStopped(run, record) || record.id === stopped.id))
      run.emit("step.reset", record.id, { name });
  }
  run.replan();
}

/** Takes up the undoing where it failed: tries that compensation again, or leaves it out. */
function resumeCompensation(
  run: ExecutionRun,
  skip: { readonly step_id: number; readonly reason: string } | null,
): void {
  const failed = [...run.state.steps.values()].filter(
    (record) => record.role === "compensation" && record.status === "failed",
  );
  run.emit("execution.compensation_resumed", null, { was: run.execution.outcome! });
  for (const record of failed) {
    run.emit("step.reset", record.id, { name: record.name });
    if (record.id === skip?.step_id) skipRecord(run, record, skip.reason);
  }
}

function reopen(run: ExecutionRun, { name }: StepRecord): void {
  const deadline = run.ports.now() + run.plan.timeoutSeconds * 1_000;
  const deadline_at = new Date(deadline).toISOString();
  run.emit("execution.reopened", null, { step: name, was: run.execution.outcome!, deadline_at });
}

/** Goes on without a step. One that is about to begin another attempt is asked again when that has begun. */
function skip(run: ExecutionRun, record: StepRecord, { reason, output }: SignalData & { kind: "skip" }): boolean {
  if (record.status === "failed") {
    skipFailed(run, record, reason, output);
    return true;
  }
  if (!run.frontier.waiting.delete(record.id)) return false;
  run.woken();
  if (record.wait?.kind === "execution") {
    run.entry.send(record.wait.execution_id, {
      kind: "cancel",
      compensate: true,
      reason: "Its parent step was skipped",
    });
  }
  settle(run, skipByHand(run, record, reason, output));
  return true;
}

/** As `retry`, but the step and its parts stay as they are. */
function skipFailed(run: ExecutionRun, failed: StepRecord, reason: string, output: JsonValue): void {
  reopen(run, failed);
  for (const record of run.state.steps.values()) {
    const { id, name, role } = record;
    if (role === "action" && isStopped(run, record) && !isPartOf(run, record, failed.id))
      run.emit("step.reset", id, { name });
  }
  skipByHand(run, failed, reason, output);
  run.replan();
}

/** Whether it is that step, an item or inline action of it, or one of those. */
function isPartOf(run: ExecutionRun, record: StepRecord, stepId: number): boolean {
  for (let part: StepRecord | undefined = record; part; part = parentOf(run, part)) if (part.id === stepId) return true;
  return false;
}

function parentOf(run: ExecutionRun, { parentId }: StepRecord): StepRecord | undefined {
  return parentId === null ? undefined : run.state.steps.get(parentId);
}

function isStopped(run: ExecutionRun, record: StepRecord): boolean {
  if (record.status === "cancelled") return true;
  return record.status === "failed" && run.plan.definition.steps[record.ref.index]!.onError === "fail";
}

function deliver(run: ExecutionRun, signal: SignalData & { kind: "event" }): boolean {
  for (const id of run.frontier.waiting) {
    const record = run.step(id);
    const { wait } = record;
    if (wait?.kind !== "event") continue;
    if (signal.step_id === null ? !answers(signal, wait) : signal.step_id !== id) continue;
    run.frontier.waiting.delete(id);
    run.woken();
    if (wait.approval && isJsonObject(signal.data) && signal.data.approved === false) {
      const by = typeof signal.data.by === "string" ? ` by ${signal.data.by}` : "";
      failStep(run, record, new StepError("APPROVAL_REJECTED", `The approval was refused${by}`, { retryable: false }));
    } else if (wait.publish && isJsonObject(signal.data) && signal.data.success === false) {
      const why = typeof signal.data.error === "string" ? signal.data.error : `${wait.event} says that it failed`;
      failStep(run, record, new StepError("STEP_FAILED", why, { retryable: false }));
    } else completeStep(run, record, signal.data);
    return true;
  }
  // A domain event is for who waited when it came.
  return signal.position !== undefined;
}

/** A child that was repaired by hand repairs what its end has failed. */
function repaired(run: ExecutionRun, record: StepRecord, { status }: SignalData & { kind: "child" }): true {
  if (status !== "completed") return true;
  if (record.role === "compensation") {
    if (refusalOf({ kind: "resume_compensation" }, run.execution, null) === null) resumeCompensation(run, null);
  } else if (isStopped(run, record) && isReopenable(run.execution)) retry(run, record);
  return true;
}

/** Kept while the result is being read: were it taken before that is stored, a crash between would lose the child's end. */
function receiveChild(run: ExecutionRun, signal: SignalData & { kind: "child" }): boolean {
  const record = run.state.steps.get(signal.step_id);
  if (record?.wait?.kind !== "execution" || record.wait.execution_id !== signal.execution_id) return true;
  if (record.status === "failed") return repaired(run, record, signal);
  if (isStepOver(record.status)) return true;
  if (!run.frontier.waiting.delete(record.id)) return false;
  if (!isGivenUp(run.execution)) run.woken();
  childEnded(run, record, signal.execution_id);
  return false;
}
