import { type Definition, findAncestors, type StepDefinition, suggest } from "../definition/index.ts";
import {
  DomainError,
  type EventData,
  type Issue,
  isStepOver,
  type JsonObject,
  memberPath,
  mergePatch,
  type StepRecord,
} from "../model/index.ts";

/** What a fork begins with, in the order in which steps depend on each other. */
export type CarriedStep = EventData["step.carried"];

/**
 * Which steps a fork of an execution takes over as settled: all that are neither `fromStep` nor after it, as far as
 * they and all before them have settled; with the outputs that the source has or `patches` gives. The rest runs (again).
 * Steps are the same when name and type are. Throws every reason why the fork cannot begin there.
 */
export function planFork(
  definition: Definition,
  source: readonly StepRecord[],
  fromStep: string,
  patches: JsonObject,
): CarriedStep[] {
  const { steps } = definition;
  const from = steps.find(({ name }) => name === fromStep);
  const known = steps.map(({ name }) => name);
  if (!from) {
    const message = `"${fromStep}" is no step of the definition${suggest(fromStep, known, 0)}`;
    throw DomainError.invalid([{ path: "from_step", message }]);
  }
  const ancestors = findAncestors(steps.map(({ dependsOn }) => dependsOn));
  const rank = ancestors.map((row) => row.size);
  const undone = undoneSteps(source);
  const records = new Map(
    source.filter((one) => one.parentId === null && one.role === "action").map((one) => [one.name, one]),
  );
  const carried = new Map<number, CarriedStep>();
  const issues: Issue[] = [];
  // What is before a step has fewer steps before it.
  for (const step of [...steps].sort((a, b) => rank[a.index]! - rank[b.index]! || a.index - b.index)) {
    const runsAgain = step === from || ancestors[step.index]!.has(from.index);
    const patch = Object.hasOwn(patches, step.name) ? patches[step.name] : undefined;
    const path = memberPath("output_patches", step.name);
    if (runsAgain) {
      if (patch !== undefined) issues.push({ path, message: "is of a step that the fork runs again" });
      continue;
    }
    const record = records.get(step.name);
    const same = record?.type === step.type ? record : undefined;
    const reason = patch === undefined ? whyNot(step, record, undone) : whyNotPatched(step, same);
    if (reason === null && step.dependsOn.every((index) => carried.has(index))) {
      const output = patch === undefined ? same!.output : mergePatch(same?.output ?? null, patch);
      carried.set(step.index, carry(step, same, carried.size + 1, output, patch !== undefined));
    } else if (patch !== undefined) {
      issues.push({ path, message: reason ?? "is of a step behind one that the fork has to run" });
    } else if (ancestors[from.index]!.has(step.index) && reason !== null) {
      const message = `needs "${step.name}", which ${reason}: fork there instead, or give its output`;
      issues.push({ path: "from_step", message });
    }
  }
  const names = new Set(known);
  for (const name of Object.keys(patches)) {
    if (names.has(name)) continue;
    const path = memberPath("output_patches", name);
    issues.push({ path, message: `is no step of the definition${suggest(name, known, issues.length)}` });
  }
  if (issues.length > 0) throw DomainError.invalid(issues);
  return [...carried.values()];
}

/** Why a step's record cannot stand for it in the fork; null: it can. */
function whyNot(step: StepDefinition, record: StepRecord | undefined, undone: ReadonlySet<number>): string | null {
  if (!record) return "was not reached";
  if (record.type !== step.type) return `was a ${record.type} step and is a ${step.type} step now`;
  if (undone.has(record.id)) return "was undone";
  if (!isStepOver(record.status)) return "is not over yet";
  if (record.status === "failed" && step.onError === "continue") return null;
  if (record.status !== "completed" && record.status !== "skipped") return `is ${record.status}`;
  return whyNotPatched(step, record);
}

/** An output that is secret stays so: the definition has to say it, too, or others would show what they make of it. */
function whyNotPatched(step: StepDefinition, record: StepRecord | undefined): string | null {
  return record && record.sealed !== null && !step.isSecret
    ? "had a secret output and is not secret in this definition"
    : null;
}

/** Ids of the top-level steps of which something was undone, or was tried to. */
function undoneSteps(source: readonly StepRecord[]): ReadonlySet<number> {
  const byId = new Map<number, StepRecord>(source.map((record) => [record.id, record]));
  const undone = new Set<number>();
  for (const { compensatesId } of source) {
    let record = compensatesId === null ? undefined : byId.get(compensatesId);
    while (record && record.parentId !== null) record = byId.get(record.parentId);
    if (record) undone.add(record.id);
  }
  return undone;
}

function carry(
  step: StepDefinition,
  record: StepRecord | undefined,
  order: number,
  output: CarriedStep["output"],
  isPatched: boolean,
): CarriedStep {
  return {
    name: step.name,
    step_type: step.type,
    role: "action",
    order,
    index: step.index,
    item: null,
    branch: "",
    parent_id: null,
    compensates_id: null,
    from_step_id: record?.id ?? null,
    status: isPatched ? "completed" : (record!.status as CarriedStep["status"]),
    input: record?.input ?? null,
    output,
    error: isPatched ? null : record!.error,
  };
}
