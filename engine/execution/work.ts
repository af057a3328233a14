import type { ActionDefinition } from "../definition/definition.ts";
import type { Scope } from "../expression/index.ts";
import type { JsonValue } from "../json.ts";
import { StepError } from "../steps/step-error.ts";
import type { StepContext, StepType, Suspension } from "../steps/step-type.ts";
import { isSuspension, parseConfig, runAttempt, toFailure, toStepError } from "./attempt.ts";
import { actionOf } from "./compensation.ts";
import type { EventData } from "./events.ts";
import { stepUnit, type Unit } from "./frontier.ts";
import { retryDelayMs } from "./retry.ts";
import type { ExecutionRun } from "./run.ts";
import { sagaIdentity } from "./saga-id.ts";
import type { StepRecord } from "./state.ts";

/** Items of one for_each. More belong in several executions. */
const MAX_ITEMS = 10_000;

/**
 * Carries out one unit: its condition, its items or branch, or one attempt of its own work.
 * Events that belong together are recorded without an await between them: they reach one commit.
 */
export async function work(run: ExecutionRun, unit: Unit): Promise<void> {
  const known = unit.recordId === null ? undefined : run.step(unit.recordId);
  const isStep = unit.role === "action" && unit.parentId === null;
  const id = unit.recordId ?? (await run.ports.stepId());
  try {
    const scope = scopeOf(run, unit);
    if (isStep && !known && unit.step.if !== null && !(await unit.step.if.evaluate(scope))) {
      if (!stopping(run, unit)) skip(run, unit, id, "if is false");
    } else if (isStep && unit.step.forEach !== null) {
      const items = await unit.step.forEach.items.resolve(scope);
      if (stopping(run, unit)) cancelUnbegun(run, unit);
      else openGroup(run, unit, id, items);
    } else if (unit.action.branch !== null) {
      const taken = await unit.action.branch.condition.evaluate(scope);
      if (stopping(run, unit)) cancelUnbegun(run, unit);
      else openBranch(run, unit, id, taken);
    } else await attempt(run, unit, id, scope);
  } catch (error) {
    if (run.abandoned) return;
    if (stopping(run, unit)) cancelUnbegun(run, unit);
    // A placeholder that cannot be filled in: the attempt fails before it began.
    else failStep(run, start(run, unit, id, null), toStepError(error));
  }
}

async function attempt(run: ExecutionRun, unit: Unit, id: number, scope: Scope): Promise<void> {
  const type = run.ports.stepType(unit.action.type);
  const resolved = await unit.action.config.resolve(scope);
  const config = parseConfig(type, resolved);
  if (stopping(run, unit)) {
    cancelUnbegun(run, unit);
    return;
  }
  const record = start(run, unit, id, run.ports.mask(resolved));
  const controller = new AbortController();
  run.attempts.set(record.id, controller);
  try {
    if (type.effect === "external") {
      run.ports.changed(run.entry);
      await run.entry.committed();
      controller.signal.throwIfAborted();
    }
    const context = contextOf(run, unit, record, controller.signal);
    const output = await runAttempt(run.ports, type, config, context, unit.action.timeoutSeconds, controller);
    if (isSuspension(output)) await suspend(run, record, output, unit.action.timeoutSeconds);
    else completeStep(run, record, checked(run, type, output));
  } catch (error) {
    if (run.abandoned) return;
    failStep(run, run.step(record.id), toStepError(error));
  } finally {
    run.attempts.delete(record.id);
  }
}

/** What the step returned, as it will be seen and stored. */
function checked(run: ExecutionRun, type: StepType, output: JsonValue): JsonValue {
  if (output === undefined)
    throw new StepError("OUTPUT_INVALID", `${type.type} returned nothing`, { retryable: false });
  return run.ports.mask(output);
}

/** Records the beginning of an attempt, or the going on of one that a crash cut off (same attempt number). */
function start(run: ExecutionRun, unit: Unit, id: number, input: JsonValue): StepRecord {
  const known = unit.recordId === null ? undefined : run.step(unit.recordId);
  const attempt = known?.status === "running" ? known.attempt : (known?.attempt ?? 0) + 1;
  run.emit("step.started", id, { ...identity(run, unit, known), attempt, input });
  return run.step(id);
}

function skip(run: ExecutionRun, unit: Unit, id: number, reason: string): void {
  run.emit("step.skipped", id, { ...identity(run, unit, undefined), reason });
  settle(run, run.step(id));
}

/** By hand: the step counts as settled, with the given output, and is never undone. It waits, or has failed for good. */
export function skipByHand(run: ExecutionRun, record: StepRecord, reason: string, output: JsonValue): StepRecord {
  run.emit("step.skipped", record.id, { ...identity(run, unitOf(run, record), record), reason, output });
  return run.step(record.id);
}

function identity(
  run: ExecutionRun,
  unit: Unit,
  known: StepRecord | undefined,
): Omit<EventData["step.skipped"], "reason" | "output"> {
  return {
    name: unit.name,
    step_type: unit.action.type,
    role: unit.role,
    order: known?.order ?? run.state.steps.size + 1,
    index: unit.ref.index,
    item: unit.ref.item,
    branch: unit.ref.branch,
    parent_id: unit.parentId,
    compensates_id: unit.compensates?.id ?? null,
  };
}

function openGroup(run: ExecutionRun, unit: Unit, id: number, items: JsonValue): void {
  if (!Array.isArray(items))
    throw new StepError("CONFIG_INVALID", "for_each.items must be a list", { retryable: false });
  if (items.length > MAX_ITEMS) {
    throw new StepError("CONFIG_INVALID", `for_each.items has ${items.length} items; the limit is ${MAX_ITEMS}`, {
      retryable: false,
    });
  }
  const record = start(run, unit, id, { items: run.ports.mask(items as JsonValue) });
  if (run.frontier.opened(record, items.length)) closeGroup(run, record);
}

function closeGroup(run: ExecutionRun, record: StepRecord): void {
  const outputs = run.frontier
    .itemRecords(record.id)
    .map((item): JsonValue => (item.status === "failed" ? { error: item.error as unknown as JsonValue } : item.output));
  completeStep(run, record, outputs);
}

function openBranch(run: ExecutionRun, unit: Unit, id: number, taken: boolean): void {
  const action = taken ? unit.action.branch!.whenTrue : unit.action.branch!.whenFalse;
  const record = start(run, unit, id, { condition_met: taken });
  if (action === null) closeBranch(run, record, null);
  else {
    // Settled already when the inline action was skipped by hand.
    const settled = run.frontier.branched(record, unit.step, action, taken);
    if (settled) closeBranch(run, record, settled.output);
  }
}

function closeBranch(run: ExecutionRun, record: StepRecord, output: JsonValue): void {
  const { condition_met: taken } = record.input as { condition_met: boolean };
  completeStep(run, record, { condition_met: taken, branch: taken ? "true" : "false", output });
}

async function suspend(
  run: ExecutionRun,
  record: StepRecord,
  wait: Suspension,
  timeoutSeconds: number | null,
): Promise<void> {
  const limit = timeoutSeconds === null ? Number.POSITIVE_INFINITY : run.ports.now() + timeoutSeconds * 1_000;
  const waiting = (wakeAt: number, data: EventData["step.waiting"]["wait"]): void => {
    const wake = Math.min(wakeAt, limit);
    const wake_at = Number.isFinite(wake) ? new Date(wake).toISOString() : null;
    run.emit("step.waiting", record.id, { name: record.name, wait: data, wake_at });
    run.frontier.waiting.add(record.id);
  };
  switch (wait.suspend) {
    case "timer": {
      const until = wait.until.getTime();
      return waiting(until, {
        kind: "timer",
        until: new Date(until).toISOString(),
        output: run.ports.mask(wait.output),
      });
    }
    case "event":
      waiting(wait.until?.getTime() ?? Number.POSITIVE_INFINITY, {
        kind: "event",
        event: wait.name,
        correlation: wait.correlation,
        approval: wait.approval,
        ...(wait.match && { match: run.ports.mask(wait.match) }),
        ...(wait.publish && { publish: { type: wait.publish.type, data: run.ports.mask(wait.publish.data) } }),
      });
      break;
    case "execution": {
      const child = await run.ports.createChild(run.execution, record.id, wait);
      if (record.role === "action" && run.execution.outcome !== null)
        throw new StepError("CANCELLED", "The execution was stopped", { retryable: false });
      waiting(Number.POSITIVE_INFINITY, { kind: "execution", execution_id: child.state.execution.id });
      run.entry.spawn(child);
    }
  }
}

/** The time of a waiting step has come. */
export function settleWait(run: ExecutionRun, record: StepRecord): void {
  const { wait } = record;
  if (wait?.kind === "retry") {
    run.frontier.ready.push(unitOf(run, record));
  } else if (wait?.kind === "timer" && Date.parse(wait.until) <= run.ports.now()) {
    completeStep(run, record, wait.output);
  } else if (wait?.kind === "event") {
    const what = wait.approval ? "approval" : `event ${wait.event}`;
    failStep(run, record, new StepError("EVENT_TIMEOUT", `The ${what} did not come in time`, { retryable: false }));
  } else {
    if (wait?.kind === "execution") {
      run.entry.send(wait.execution_id, { kind: "cancel", compensate: true, reason: "Its parent step timed out" });
    }
    failStep(run, record, new StepError("TIMEOUT", "The wait took longer than timeout_seconds", { retryable: false }));
  }
}

/** A child execution is over. Its result is read from Postgres, so this goes on as work in hand. */
export function childEnded(run: ExecutionRun, record: StepRecord, executionId: number): void {
  run.hold(
    run.ports.childResult(executionId).then(({ status, result, error }) => {
      if (status === "completed") completeStep(run, record, { execution_id: executionId, status, result });
      else {
        const message = `Execution ${executionId} ended as ${status}${error ? `: ${error.message}` : ""}`;
        failStep(
          run,
          record,
          new StepError("CHILD_FAILED", message, { retryable: false, details: { execution_id: executionId } }),
        );
      }
    }),
  );
}

export function completeStep(run: ExecutionRun, record: StepRecord, output: JsonValue): void {
  run.emit("step.completed", record.id, { name: record.name, output });
  settle(run, run.step(record.id));
}

/** Another attempt if the policy has one left; otherwise the step has failed for good. */
export function failStep(run: ExecutionRun, record: StepRecord, error: StepError): void {
  const { name } = record;
  if (run.execution.outcome !== null && record.role === "action") {
    run.emit("step.cancelled", record.id, { name, reason: `The execution is ${run.execution.outcome}` });
    return;
  }
  const failure = toFailure(run.ports, error);
  const delayMs = retryDelayMs(policyOf(run, record), record.attempt, error, run.ports.random());
  if (delayMs !== null) {
    const retry_at = new Date(run.ports.now() + delayMs).toISOString();
    run.emit("step.retrying", record.id, { name, attempt: record.attempt, error: failure, retry_at });
    run.frontier.waiting.add(record.id);
    return;
  }
  run.emit("step.failed", record.id, { name, error: failure });
  settle(run, run.step(record.id));
}

/** A record that is to begin again is left out instead. */
export function skipRecord(run: ExecutionRun, record: StepRecord, reason: string): void {
  run.emit("step.skipped", record.id, { ...identity(run, unitOf(run, record), record), reason });
}

/** A record has come to its end: tell whoever it is part of, or depends on it. */
export function settle(run: ExecutionRun, record: StepRecord): void {
  if (record.role === "compensation") return;
  const step = run.plan.definition.steps[record.ref.index]!;
  const failed = record.status === "failed";
  if (record.parentId === null) {
    run.remember(record);
    if (failed && step.onError === "fail") run.stop("failed", { ...record.error!, step: record.name });
    else run.frontier.settled(record.ref.index);
    return;
  }
  const parent = run.step(record.parentId);
  if (parent.status !== "running") return;
  if (parent.ref.item === record.ref.item) {
    // An inline action of a conditional.
    if (failed) failParent(run, parent, record);
    else closeBranch(run, parent, record.output);
  } else if (failed && step.onError === "fail") failParent(run, parent, record);
  else if (run.frontier.itemSettled(parent.id)) closeGroup(run, parent);
}

function failParent(run: ExecutionRun, parent: StepRecord, record: StepRecord): void {
  run.emit("step.failed", parent.id, { name: parent.name, error: { ...record.error!, step: record.name } });
  settle(run, run.step(parent.id));
}

export function compensationUnit(run: ExecutionRun, record: StepRecord): Unit {
  const begun = [...run.state.steps.values()].find((step) => step.compensatesId === record.id);
  const action = actionOf(run.plan.definition, record);
  return {
    name: `${record.name}[undo]`,
    role: "compensation",
    ref: record.ref,
    step: run.plan.definition.steps[record.ref.index]!,
    action: undoAction(action),
    parentId: null,
    compensates: record,
    recordId: begun?.id ?? null,
  };
}

function undoAction(action: ActionDefinition): ActionDefinition {
  const undo = action.compensate!;
  return { ...undo, compensate: null, branch: null };
}

/** The unit that a record belongs to, to begin it again. */
function unitOf(run: ExecutionRun, record: StepRecord): Unit {
  const { definition } = run.plan;
  if (record.compensatesId !== null) return compensationUnit(run, run.step(record.compensatesId));
  const step = definition.steps[record.ref.index]!;
  return {
    ...stepUnit(step, record.id),
    name: record.name,
    ref: record.ref,
    action: actionOf(definition, record),
    parentId: record.parentId,
  };
}

function policyOf(run: ExecutionRun, record: StepRecord): ActionDefinition["retry"] {
  return unitOf(run, record).action.retry;
}

function scopeOf(run: ExecutionRun, unit: Unit): Scope {
  const { id, workflowId, triggerData } = run.execution;
  const scope: Scope = { execution_id: id, workflow_id: workflowId, trigger: triggerData, steps: run.outputs };
  const { item } = unit.ref;
  if (item === null && unit.compensates === null) return scope;
  return {
    ...scope,
    ...(item === null ? {} : { item: itemOf(run, unit, item), index: item }),
    ...(unit.compensates === null ? {} : { input: unit.compensates.input, output: unit.compensates.output }),
  };
}

/** The items were frozen when the for_each began. */
function itemOf(run: ExecutionRun, unit: Unit, item: number): JsonValue {
  let owner = unit.compensates ?? (unit.parentId === null ? null : run.step(unit.parentId));
  while (owner !== null && owner.ref.item !== null) owner = owner.parentId === null ? null : run.step(owner.parentId);
  return (owner?.input as { items: JsonValue[] } | undefined)?.items[item] ?? null;
}

function contextOf(run: ExecutionRun, unit: Unit, record: StepRecord, signal: AbortSignal): StepContext {
  const { id, workflowId, tenantId, triggerData, correlationId, traceparent } = run.execution;
  return {
    executionId: id,
    workflowId,
    tenantId,
    stepName: unit.name,
    attempt: record.attempt,
    idempotencyKey: `${id}-${record.id}`,
    traceparent,
    trigger: triggerData,
    previousOutput: previousOutput(run, unit),
    now: run.ports.now,
    outputs: () => completedOutputs(run),
    saga: () => sagaIdentity(run.execution, run.plan.definition.source.saga_type !== undefined),
    signal,
    log: (level, message) =>
      run.ports.log(level, run.ports.mask(message), {
        execution_id: id,
        workflow_id: workflowId,
        step: unit.name,
        correlation_id: correlationId,
      }),
  };
}

/** In the order of completion. */
function completedOutputs(run: ExecutionRun): Readonly<Record<string, JsonValue>> {
  const completed = [...run.state.steps.values()].filter(
    ({ parentId, role, status }) => parentId === null && role === "action" && status === "completed",
  );
  completed.sort((a, b) => a.settledSeq! - b.settledSeq!);
  return Object.fromEntries(completed.map(({ name, output }) => [name, output]));
}

/** The output of the step before: of the last one that it depends on. */
function previousOutput(run: ExecutionRun, unit: Unit): JsonValue {
  const before = unit.step.dependsOn.at(-1);
  return before === undefined ? null : (run.outputs[run.plan.definition.steps[before]!.name] ?? null);
}

function stopping(run: ExecutionRun, unit: Unit): boolean {
  return unit.role === "action" && run.execution.outcome !== null;
}

/** The execution was stopped while the config was being resolved: a record that exists must still settle. */
function cancelUnbegun(run: ExecutionRun, unit: Unit): void {
  if (unit.recordId === null) return;
  const { name, status } = run.step(unit.recordId);
  if (status === "running" || status === "waiting" || status === "pending") {
    run.emit("step.cancelled", unit.recordId, { name, reason: `The execution is ${run.execution.outcome}` });
  }
}
