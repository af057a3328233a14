import { nearestName } from "../expression/index.ts";
import { DomainError, type Issue, isJsonObject, type JsonObject, type JsonValue } from "../model/index.ts";
import { checkParameters, fillParameters, listed, parametersOf } from "./parameters.ts";
import type { CustomConfig } from "./template-input.ts";

/** Further names by which a step may be addressed: alias → name. */
export type StepAliases = Readonly<Record<string, string>>;

/**
 * The definition of a workflow: that of the template, with the changes of `custom_config` merged in. Steps are found by
 * name, and keep their place. Throws every change that fits nowhere at once; whether the result is valid is checked later.
 */
export function customise(definition: JsonObject, custom: CustomConfig, aliases: StepAliases = {}): JsonObject {
  const { steps: changes = [], parameters = {}, ...rest } = custom;
  const issues: Issue[] = [];
  const path = "custom_config";
  checkParameters(parametersOf(definition), parameters, `${path}.parameters`, issues);
  const filled = fillParameters(definition, parameters);
  const steps = (filled.steps as readonly JsonValue[]).filter(isJsonObject);
  const names = steps.map((step, index) => (typeof step.name === "string" ? step.name : `step_${index}`));
  const merged = [...steps];
  // From the end: of steps that are named alike it is the first.
  const indexOf = new Map(names.map((name, index) => [name, index] as const).reverse());
  const seen = new Set<number>();
  for (const [position, change] of changes.entries()) {
    const index = indexOf.get(Object.hasOwn(aliases, change.name) ? aliases[change.name]! : change.name);
    const at = `${path}.steps[${position}].name`;
    if (index === undefined) issues.push({ path: at, message: unknownStep(change.name, names, issues.length) });
    else if (seen.has(index)) issues.push({ path: at, message: `is listed twice: "${change.name}"` });
    else merged[index] = mergeStep(steps[index]!, change as JsonObject);
    if (index !== undefined) seen.add(index);
  }
  if (issues.length > 0) throw DomainError.invalid(issues);
  return { ...mergeObjects(filled, rest as JsonObject), steps: merged };
}

/** A config belongs to its type: that of another type is not merged into it. */
function mergeStep(step: JsonObject, change: JsonObject): JsonObject {
  const isOtherType = change.type !== undefined && change.type !== step.type;
  return mergeObjects(isOtherType ? { ...step, config: {} } : step, change);
}

/** Objects key by key, at every depth; anything else, null and lists included, replaces what was there. */
export function mergeObjects(base: JsonObject, change: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = isJsonObject(before) && isJsonObject(value) ? mergeObjects(before, value) : value;
  }
  return merged;
}

function unknownStep(name: string, names: readonly string[], found: number): string {
  const near = nearestName(name, names, found);
  const hint = near ? `did you mean ${near}?` : names.length > 0 ? `it has ${listed(names)}` : "it has no steps";
  return `"${name}" is no step of the template; ${hint}`;
}
