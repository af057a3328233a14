import type { ActionDefinition, Compensation, Definition } from "../definition/index.ts";
import type { ExecutionState, StepRecord } from "../model/index.ts";

/** The action that a record ran: its step's, or an inline action of it. */
export function actionOf(definition: Definition, record: StepRecord): ActionDefinition {
  let action: ActionDefinition = definition.steps[record.ref.index]!;
  for (const letter of record.ref.branch) {
    const next = letter === "t" ? action.branch?.whenTrue : action.branch?.whenFalse;
    if (!next) throw new Error(`Step ${record.name} has no inline action ${record.ref.branch}`);
    action = next;
  }
  return action;
}

/** A container (for_each) stands for its items, which are undone one by one. */
function undoOf(definition: Definition, record: StepRecord): Compensation | null {
  const step = definition.steps[record.ref.index]!;
  if (step.forEach !== null && record.ref.item === null) return null;
  return actionOf(definition, record).compensate;
}

/**
 * What is still to be undone, the next one first: the reverse of the order of completion, and nothing from before
 * a completed pivot. Undoing is strictly sequential, so this is asked again after each.
 */
export function stillToUndo(definition: Definition, state: ExecutionState): StepRecord[] {
  const undone = new Set<number>();
  let pivotSeq = 0;
  for (const record of state.steps.values()) {
    if (record.compensatesId !== null) {
      if (record.status === "completed" || record.status === "skipped") undone.add(record.compensatesId);
    } else if (
      record.status === "completed" &&
      record.parentId === null &&
      definition.steps[record.ref.index]!.pivot &&
      record.settledSeq! > pivotSeq
    ) {
      pivotSeq = record.settledSeq!;
    }
  }
  return [...state.steps.values()]
    .filter((record) => {
      if (record.role !== "action" || undone.has(record.id) || record.settledSeq === null) return false;
      if (record.settledSeq <= pivotSeq) return false;
      const undo = undoOf(definition, record);
      if (undo === null) return false;
      // One that was carried over is of the execution that did it.
      if (record.status === "completed") return record.attempt > 0;
      return undo.when === "attempted" && record.attempt > 0 && record.status !== "skipped";
    })
    .sort((a, b) => b.settledSeq! - a.settledSeq!);
}
