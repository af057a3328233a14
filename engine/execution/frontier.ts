import type { ActionDefinition, Definition, StepDefinition } from "../definition/index.ts";
import { type ExecutionState, isGivenUp, isStepOver, type JsonValue, type StepRecord } from "../model/index.ts";
import { stepUnit, type Unit } from "./unit.ts";

/** A for_each that is under way. */
interface Iteration {
  readonly record: StepRecord;
  readonly total: number;
  next: number;
  open: number;
}

/**
 * What can begin now, derived from the definition and the records. Kept up to date step by step, so that a long
 * workflow is not searched through each time; rebuilding it from the records gives the same.
 */
export class Frontier {
  readonly ready: Unit[] = [];
  /** Ids of the records that wait for a time, an event or a child. */
  readonly waiting = new Set<number>();
  private readonly blockers: number[];
  /** Steps that have a record: they do not become ready a second time. */
  private readonly begun: ReadonlySet<number>;
  private readonly iterations = new Map<number, Iteration>();
  private readonly children = new Map<number, Map<string, StepRecord>>();
  private unsettled: number;

  constructor(
    private readonly definition: Definition,
    private readonly state: ExecutionState,
  ) {
    this.blockers = definition.steps.map((step) => step.dependsOn.length);
    this.unsettled = definition.steps.length;
    const top = new Map<number, StepRecord>();
    for (const record of state.steps.values()) {
      if (record.status === "waiting") this.waiting.add(record.id);
      if (record.role === "compensation") continue;
      if (record.parentId === null) top.set(record.ref.index, record);
      else this.adopt(record);
    }
    this.begun = new Set(top.keys());
    // Given up: nothing new begins, and what is left to undo is worked out from the records.
    if (isGivenUp(this.state.execution)) return;
    for (const step of definition.steps) {
      const record = top.get(step.index);
      if (record) this.place(stepUnit(step, record.id), record);
      else if (step.dependsOn.length === 0) this.ready.push(stepUnit(step, null));
    }
  }

  /** Every step has settled: the work is done. */
  get done(): boolean {
    return this.unsettled === 0;
  }

  /** A top-level step has come to its end, and those behind it may go. */
  settled(index: number): void {
    this.unsettled -= 1;
    if (isGivenUp(this.state.execution)) return;
    for (const dependent of this.definition.steps[index]!.dependents) {
      this.blockers[dependent]! -= 1;
      const step = this.definition.steps[dependent]!;
      if (this.blockers[dependent] === 0 && !this.begun.has(dependent)) this.ready.push(stepUnit(step, null));
    }
  }

  /** A for_each has its items: the first ones may begin. Returns true when there is none left to do. */
  opened(record: StepRecord, total: number): boolean {
    const iteration: Iteration = { record, total, next: 0, open: 0 };
    this.iterations.set(record.id, iteration);
    return this.fill(iteration);
  }

  /** An item has come to its end. Returns true when it was the last. */
  itemSettled(parentId: number): boolean {
    const iteration = this.iterations.get(parentId);
    if (!iteration) return false;
    iteration.open -= 1;
    return this.fill(iteration);
  }

  /** Outputs of the items of a for_each, in the order of the items. */
  itemRecords(parentId: number): StepRecord[] {
    return [...this.state.steps.values()]
      .filter((record) => record.parentId === parentId)
      .sort((a, b) => a.ref.item! - b.ref.item!);
  }

  /** The inline action of a conditional may begin. Returns its record when it has come to its end before. */
  branched(parent: StepRecord, step: StepDefinition, action: ActionDefinition, taken: boolean): StepRecord | undefined {
    const letter = taken ? "t" : "f";
    const known = this.children.get(parent.id)?.get(letter);
    const unit: Unit = {
      name: `${parent.name}[${taken}]`,
      role: "action",
      ref: { ...parent.ref, branch: parent.ref.branch + letter },
      step,
      action,
      parentId: parent.id,
      compensates: null,
      recordId: known?.id ?? null,
    };
    if (known && isStepOver(known.status)) return known;
    if (known) this.place(unit, known);
    else this.ready.push(unit);
    return undefined;
  }

  private adopt(record: StepRecord): void {
    const siblings = this.children.get(record.parentId!) ?? new Map<string, StepRecord>();
    this.children.set(record.parentId!, siblings);
    const parent = this.state.steps.get(record.parentId!)!;
    siblings.set(
      record.ref.branch === parent.ref.branch ? String(record.ref.item) : record.ref.branch.slice(-1),
      record,
    );
  }

  /** Puts a record that was read back where it belongs. */
  private place(unit: Unit, record: StepRecord): void {
    if (isStepOver(record.status)) {
      if (unit.parentId === null && (record.status !== "failed" || unit.step.onError === "continue")) {
        this.settled(unit.ref.index);
      }
    } else if (record.status === "waiting") return;
    else if (record.status === "pending") this.ready.push(unit);
    else if (unit.step.forEach !== null && record.ref.item === null) {
      const items = (record.input as { items: readonly JsonValue[] }).items;
      this.opened(record, items.length);
    } else if (unit.action.branch !== null) {
      const { condition_met: taken } = record.input as { condition_met: boolean };
      const action = taken ? unit.action.branch.whenTrue : unit.action.branch.whenFalse;
      // A conditional without an action for its branch settles in the commit that starts it.
      this.branched(record, unit.step, action!, taken);
    } else this.ready.push(unit);
  }

  private fill(iteration: Iteration): boolean {
    const { record } = iteration;
    const step = this.definition.steps[record.ref.index]!;
    const known = this.children.get(record.id);
    while (
      !isGivenUp(this.state.execution) &&
      iteration.open < step.forEach!.concurrency &&
      iteration.next < iteration.total
    ) {
      const item = iteration.next++;
      const begun = known?.get(String(item));
      if (begun && isStepOver(begun.status)) continue;
      iteration.open += 1;
      const unit: Unit = {
        name: `${record.name}[${item}]`,
        role: "action",
        ref: { index: step.index, item, branch: "" },
        step,
        action: step,
        parentId: record.id,
        compensates: null,
        recordId: begun?.id ?? null,
      };
      if (begun) this.place(unit, begun);
      else this.ready.push(unit);
    }
    const over = iteration.open === 0 && iteration.next >= iteration.total;
    if (over) this.iterations.delete(record.id);
    return over;
  }
}
