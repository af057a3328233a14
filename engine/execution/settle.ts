import { MASK } from "../expression/index.ts";
import { isGivenUp, type JsonValue, type StepError, type StepRecord } from "../model/index.ts";
import { toFailure } from "./attempt.ts";
import { actionOf } from "./compensation.ts";
import { retryDelayMs } from "./retry.ts";
import type { ExecutionRun } from "./run.ts";
import { isWithinLimit, tooLarge } from "./size-limit.ts";
import { unitOf } from "./unit.ts";

/** How steps come to their end, and what that means for whatever they are part of. */

export function completeStep(run: ExecutionRun, record: StepRecord, output: JsonValue): void {
  const fits = isWithinLimit(run, output);
  if (!fits && record.role === "action") {
    failStep(run, record, tooLarge(run, "output"));
    return;
  }
  const { id, name } = record;
  // What was undone is undone, and nobody reads what that came to.
  if (!hasSecretOutput(run, record)) run.emit("step.completed", id, { name, output: fits ? output : null });
  else if (record.role === "compensation") run.emit("step.completed", id, { name, output: MASK });
  else run.emit("step.completed", id, { name, output: MASK }, run.secrets.sealOutput(id, output));
  settle(run, run.step(record.id));
}

export function hasSecretOutput(run: ExecutionRun, record: StepRecord): boolean {
  const { definition } = run.plan;
  if (record.compensatesId === null) return definition.steps[record.ref.index]!.isSecret;
  return actionOf(definition, run.step(record.compensatesId)).compensate!.isSecret;
}

/** Another attempt if the policy has one left; otherwise the step has failed for good. */
export function failStep(run: ExecutionRun, record: StepRecord, error: StepError): void {
  const { name } = record;
  if (isGivenUp(run.execution, record.role)) {
    run.emit("step.cancelled", record.id, { name, reason: `The execution is ${run.execution.outcome}` });
    return;
  }
  const failure = toFailure(run.secrets, error);
  const delayMs = retryDelayMs(unitOf(run, record).action.retry, record.attempt, error, run.ports.random());
  if (delayMs !== null) {
    const retry_at = new Date(run.ports.now() + delayMs).toISOString();
    run.emit("step.retrying", record.id, { name, attempt: record.attempt, error: failure, retry_at });
    run.frontier.waiting.add(record.id);
    return;
  }
  run.emit("step.failed", record.id, { name, error: failure });
  settle(run, run.step(record.id));
}

/** A record has come to its end: tell whoever it is part of, or depends on it. */
export function settle(run: ExecutionRun, record: StepRecord): void {
  if (record.role === "compensation") return;
  const step = run.plan.definition.steps[record.ref.index]!;
  const failed = record.status === "failed";
  if (record.parentId === null) {
    run.outputs.remember(record);
    if (failed && step.onError === "fail") run.stop("failed", { ...record.error!, step: record.name });
    else run.frontier.settled(record.ref.index);
    return;
  }
  const parent = run.step(record.parentId);
  if (parent.status !== "running") return;
  if (parent.ref.item === record.ref.item) {
    // An inline action of a conditional.
    if (failed) failParent(run, parent, record);
    else closeBranch(run, parent, run.secrets.outputOf(record));
  } else if (failed && step.onError === "fail") failParent(run, parent, record);
  else if (run.frontier.itemSettled(parent.id)) closeIteration(run, parent);
}

function failParent(run: ExecutionRun, parent: StepRecord, record: StepRecord): void {
  run.emit("step.failed", parent.id, { name: parent.name, error: { ...record.error!, step: record.name } });
  settle(run, run.step(parent.id));
}

export function closeIteration(run: ExecutionRun, record: StepRecord): void {
  const outputs = run.frontier
    .itemRecords(record.id)
    .map(
      (item): JsonValue =>
        item.status === "failed" ? { error: item.error as unknown as JsonValue } : run.secrets.outputOf(item),
    );
  completeStep(run, record, outputs);
}

export function closeBranch(run: ExecutionRun, record: StepRecord, output: JsonValue): void {
  const { condition_met: taken } = record.input as { condition_met: boolean };
  completeStep(run, record, { condition_met: taken, branch: taken ? "true" : "false", output });
}
