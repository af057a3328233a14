import { type Bindings, type Filled, MASK, type SecretRule, type Template } from "../expression/index.ts";
import {
  DomainError,
  type EventData,
  isGivenUp,
  isPassing,
  isPromise,
  type JsonValue,
  type MaybePromise,
  StepError,
  type StepRecord,
  type StepType,
} from "../model/index.ts";
import { noteWork, patiently } from "../runtime/index.ts";
import { hideHeaders } from "../secret/index.ts";
import { isSuspension, parseConfig, runAttempt, toStepError } from "./attempt.ts";
import { frozenInput } from "./frozen-input.ts";
import type { ExecutionRun } from "./run.ts";
import { closeBranch, closeIteration, completeStep, failStep, hasSecretOutput, settle } from "./settle.ts";
import { isWithinLimit, tooLarge } from "./size-limit.ts";
import { AttemptContext, bindingsOf } from "./step-context.ts";
import { type Unit, unitOf } from "./unit.ts";
import { suspend } from "./wait.ts";

const nothing: readonly never[] = [];

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
    const bindings = bindingsOf(run, unit);
    if (isStep && !known && unit.step.if !== null && !(await unit.step.if.evaluate(bindings))) {
      if (!isGivenUp(run.execution, unit.role)) skip(run, unit, id, "if is false");
    } else if (isStep && unit.step.forEach !== null) {
      const items = await unit.step.forEach.items.resolve(bindings);
      if (isGivenUp(run.execution, unit.role)) cancelUnbegun(run, unit);
      else openIteration(run, unit, id, items);
    } else if (unit.action.branch !== null) {
      const taken = await unit.action.branch.condition.evaluate(bindings);
      if (isGivenUp(run.execution, unit.role)) cancelUnbegun(run, unit);
      else openBranch(run, unit, id, taken);
    } else await attempt(run, unit, id, bindings);
  } catch (error) {
    if (run.abandoned) return;
    if (isGivenUp(run.execution, unit.role)) cancelUnbegun(run, unit);
    // A placeholder that cannot be filled in: the attempt fails before it began.
    else failStep(run, start(run, unit, id, null), withoutSecrets(toStepError(error), run, unit));
  }
}

async function attempt(run: ExecutionRun, unit: Unit, id: number, bindings: Bindings): Promise<void> {
  noteWork("step", unit.name, run.execution.id);
  const type = run.ports.stepType(unit.action.type);
  const filling = fill(run, unit, bindings);
  const { value, shown, hidden } = isPromise(filling) ? await filling : filling;
  const config = parseConfig(type, value);
  run.secrets.learnHidden(hidden);
  const masking = run.secrets.maskInSlices(
    hideHeaders(shown, (header) => {
      run.secrets.learnHidden([header]);
      return MASK;
    }),
  );
  const safe = isPromise(masking) ? await masking : masking;
  if (isGivenUp(run.execution, unit.role)) {
    cancelUnbegun(run, unit);
    return;
  }
  const record = start(run, unit, id, safe);
  const controller = new AbortController();
  const context = new AttemptContext(run, unit, record, controller);
  run.attempts.set(record.id, controller);
  try {
    if (type.effect === "external") {
      run.ports.changed(run.entry);
      await run.entry.committed();
      const held = run.ports.held();
      if (held) await held;
      controller.signal.throwIfAborted();
    }
    const away = type.effect === "external" ? run.away : undefined;
    const once = () => runAttempt(run.ports, type, config, context, unit.action.timeoutSeconds, controller, away);
    const running = once();
    const output = isPromise(running) ? await throughOutages(running, once, controller.signal) : running;
    if (isSuspension(output)) await suspend(run, record, output, unit.action.timeoutSeconds);
    else {
      noteWork("step", unit.name, run.execution.id);
      const masked = checked(run, type, output, record);
      completeStep(run, record, isPromise(masked) ? await masked : masked);
    }
  } catch (error) {
    // The attempt did not fail: it is another worker's.
    if (error instanceof DomainError && error.code === "LEASE_LOST") run.lose(error);
    if (run.abandoned) return;
    failStep(run, run.step(record.id), withoutSecrets(toStepError(error), run, unit));
  } finally {
    run.attempts.delete(record.id);
    run.place.weigh(run.entry.size);
    context.close();
  }
}

/** That our own database was away is no failure of the step. */
async function throughOutages<T>(running: Promise<T>, again: () => MaybePromise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await running;
  } catch (error) {
    if (!isPassing(error)) throw error;
    return await patiently(
      async () => again(),
      () => signal.aborted,
    );
  }
}

/** The config with its placeholders filled in, and as it may be seen. */
function fill(run: ExecutionRun, unit: Unit, bindings: Bindings): MaybePromise<Filled> {
  const { config, hides } = unit.action;
  if (unit.compensates !== null && config.reads.some(({ roots }) => roots.includes("input"))) {
    return frozenInput(run, unit.compensates).then((input) => filled(config, hides, { ...bindings, input }));
  }
  return filled(config, hides, bindings);
}

function filled(config: Template, hides: SecretRule | null, bindings: Bindings): MaybePromise<Filled> {
  if (hides !== null) return config.resolveHiding(bindings, hides);
  const value = config.resolve(bindings);
  return isPromise(value) ? value.then(open) : open(value);
}

function open(value: JsonValue): Filled {
  return { value, shown: value, hidden: nothing };
}

/** What the step returned, as it will be seen and stored. */
function checked(run: ExecutionRun, type: StepType, output: JsonValue, record: StepRecord): MaybePromise<JsonValue> {
  if (output === undefined)
    throw new StepError("OUTPUT_INVALID", `${type.type} returned nothing`, { retryable: false });
  return hasSecretOutput(run, record) ? output : run.secrets.maskInSlices(output);
}

/** What is said of a failure may quote what the step computes with, or what it was answered. */
function withoutSecrets(error: StepError, run: ExecutionRun, { action, step }: Unit): StepError {
  const computes = run.ports.stepType(action.type).computes ?? false;
  const quotes = (step.isSecret && computes) || (action.hides !== null && error.code === "EXPRESSION_FAILED");
  if (!quotes && !step.isSecret) return error;
  const { code, retryable, retryAfterMs, details } = error;
  const told = Object.entries(details ?? {}).filter(([key, fact]) => typeof fact !== "string" || key === "path");
  return new StepError(
    code,
    quotes ? "The step failed; why is withheld, as it computes with a secret" : error.message,
    {
      retryable,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(details && { details: Object.fromEntries(told) }),
    },
  );
}

/** Records the beginning of an attempt, or the going on of one that a crash cut off (same attempt number). */
function start(run: ExecutionRun, unit: Unit, id: number, input: JsonValue): StepRecord {
  const fits = isWithinLimit(run, input);
  if (!fits && unit.role === "action") throw tooLarge(run, "input");
  const known = unit.recordId === null ? undefined : run.step(unit.recordId);
  const attempt = known?.status === "running" ? known.attempt : (known?.attempt ?? 0) + 1;
  run.emit("step.started", id, { ...identity(run, unit, known), attempt, input: fits ? input : null });
  return run.step(id);
}

function skip(run: ExecutionRun, unit: Unit, id: number, reason: string): void {
  run.emit("step.skipped", id, { ...identity(run, unit, undefined), reason });
  settle(run, run.step(id));
}

/** By hand: the step counts as settled, with the given output, and is never undone. It waits, or has failed for good. */
export function skipByHand(run: ExecutionRun, record: StepRecord, reason: string, output: JsonValue): StepRecord {
  const isHidden = hasSecretOutput(run, record) && output !== null;
  const skipped = { ...identity(run, unitOf(run, record), record), reason, output: isHidden ? MASK : output };
  run.emit("step.skipped", record.id, skipped, isHidden ? run.secrets.sealOutput(record.id, output) : undefined);
  return run.step(record.id);
}

/** A record that is to begin again is left out instead. */
export function skipRecord(run: ExecutionRun, record: StepRecord, reason: string): void {
  run.emit("step.skipped", record.id, { ...identity(run, unitOf(run, record), record), reason });
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

function openIteration(run: ExecutionRun, unit: Unit, id: number, items: JsonValue): void {
  if (!Array.isArray(items))
    throw new StepError("CONFIG_INVALID", "for_each.items must be a list", { retryable: false });
  if (items.length > MAX_ITEMS) {
    throw new StepError("CONFIG_INVALID", `for_each.items has ${items.length} items; the limit is ${MAX_ITEMS}`, {
      retryable: false,
    });
  }
  const record = start(run, unit, id, { items: run.secrets.mask(items as JsonValue) });
  if (run.frontier.opened(record, items.length)) closeIteration(run, record);
}

function openBranch(run: ExecutionRun, unit: Unit, id: number, taken: boolean): void {
  const action = taken ? unit.action.branch!.whenTrue : unit.action.branch!.whenFalse;
  const record = start(run, unit, id, { condition_met: taken });
  if (action === null) closeBranch(run, record, null);
  else {
    // Settled already when the inline action was skipped by hand.
    const settled = run.frontier.branched(record, unit.step, action, taken);
    if (settled) closeBranch(run, record, run.secrets.outputOf(settled));
  }
}

/** The execution was stopped while the config was being resolved: a record that exists must still settle. */
function cancelUnbegun(run: ExecutionRun, unit: Unit): void {
  if (unit.recordId === null) return;
  const { name, status } = run.step(unit.recordId);
  if (status === "running" || status === "waiting" || status === "pending") {
    run.emit("step.cancelled", unit.recordId, { name, reason: `The execution is ${run.execution.outcome}` });
  }
}
