import { MASK, type Scope } from "../expression/index.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import { messageText } from "../steps/log.ts";
import type { StepContext, StepRoom } from "../steps/step-type.ts";
import { idempotencyKeyOf, sagaIdentity } from "./identity.ts";
import type { ExecutionRun } from "./run.ts";
import type { StepRecord } from "./state.ts";
import type { Unit } from "./unit.ts";

/** What placeholders and conditions of a unit see. */
export function scopeOf(run: ExecutionRun, unit: Unit): Scope {
  const { id, workflowId } = run.execution;
  const scope: Scope = { execution_id: id, workflow_id: workflowId, trigger: run.trigger, steps: run.outputs };
  const { item } = unit.ref;
  if (item === null && unit.compensates === null) return scope;
  return {
    ...scope,
    ...(item === null ? {} : { item: itemOf(run, unit, item), index: item }),
    ...(unit.compensates === null
      ? {}
      : { input: unit.compensates.input, output: run.secrets.outputOf(unit.compensates) }),
  };
}

/** The items were frozen when the for_each began. */
function itemOf(run: ExecutionRun, unit: Unit, item: number): JsonValue {
  let owner = unit.compensates ?? (unit.parentId === null ? null : run.step(unit.parentId));
  while (owner !== null && owner.ref.item !== null) owner = owner.parentId === null ? null : run.step(owner.parentId);
  return (owner?.input as { items: JsonValue[] } | undefined)?.items[item] ?? null;
}

/** What its step type is given beside the config. */
export function contextOf(
  run: ExecutionRun,
  unit: Unit,
  record: StepRecord,
  room: StepRoom,
  signal: AbortSignal,
): StepContext {
  const { id, workflowId, tenantId, correlationId, traceparent } = run.execution;
  return {
    executionId: id,
    workflowId,
    tenantId,
    stepName: unit.name,
    attempt: record.attempt,
    get idempotencyKey() {
      return idempotencyKeyOf(run.execution, record.name, record.id);
    },
    traceparent,
    trigger: run.trigger,
    previousOutput: previousOutput(run, unit),
    now: run.ports.now,
    outputs: () => completedOutputs(run),
    saga: () => sagaIdentity(run.execution, run.plan.definition.source.saga_type !== undefined),
    room,
    signal,
    log: (level, message) =>
      run.ports.log(level, run.secrets.mask(unit.action.hides === null ? message : shownMessage(record)), {
        execution_id: id,
        workflow_id: workflowId,
        step: unit.name,
        correlation_id: correlationId,
      }),
  };
}

/** Of a step whose config reads secrets: the message as it is stored. */
function shownMessage({ input }: StepRecord): string {
  return isJsonObject(input) && input.message !== undefined ? messageText(input.message) : MASK;
}

/** In the order of completion. */
function completedOutputs(run: ExecutionRun): Readonly<Record<string, JsonValue>> {
  const completed = [...run.state.steps.values()].filter(
    ({ parentId, role, status }) => parentId === null && role === "action" && status === "completed",
  );
  completed.sort((a, b) => a.settledSeq! - b.settledSeq!);
  return Object.fromEntries(completed.map((record) => [record.name, run.secrets.outputOf(record)]));
}

/** The output of the step before: of the last one that it depends on. */
function previousOutput(run: ExecutionRun, unit: Unit): JsonValue {
  const before = unit.step.dependsOn.at(-1);
  return before === undefined ? null : (run.outputs[run.plan.definition.steps[before]!.name] ?? null);
}
