import type { ActionDefinition, StepDefinition } from "../definition/index.ts";
import type { StepRecord, StepRef } from "../model/index.ts";
import { actionOf } from "./compensation.ts";
import type { ExecutionRun } from "./run.ts";

/** A piece of work that can begin: a step, an item of one, an inline action, or a compensation. */
export interface Unit {
  readonly name: string;
  readonly role: "action" | "compensation";
  readonly ref: StepRef;
  readonly step: StepDefinition;
  readonly action: ActionDefinition;
  readonly parentId: number | null;
  readonly compensates: StepRecord | null;
  /** Its record, when it has begun before: a retry, or the rest of an attempt that a crash cut off. */
  readonly recordId: number | null;
}

export function stepUnit(step: StepDefinition, recordId: number | null): Unit {
  return {
    name: step.name,
    role: "action",
    ref: { index: step.index, item: null, branch: "" },
    step,
    action: step,
    parentId: null,
    compensates: null,
    recordId,
  };
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
  return { ...undo, readsPrevious: false, compensate: null, branch: null };
}

/** The unit that a record belongs to, to begin it again. */
export function unitOf(run: ExecutionRun, record: StepRecord): Unit {
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
