import { type Issue, MAX_ISSUES } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import { type Place, pathOf } from "./json-path.ts";

export const MAX_DEFINITION_BYTES = 1024 * 1024;
export const MAX_NESTING = 32;
/** Objects, lists and what is in them. A thousand steps have some twenty thousand; what comes after walks each several times. */
export const MAX_VALUES = 50_000;

/**
 * Whether the input is JSON that can be stored and walked safely. Adds what it finds to `issues`; false means that it is no
 * use to look any further. Goes no further itself than to the first bound that is passed.
 */
export function isSafeJson(input: unknown, path: string, issues: Issue[], maxValues = MAX_VALUES): input is JsonValue {
  const before = issues.length;
  let isWalkable = true;
  let values = 0;

  function report(at: Place | null, message: string, isFatal: boolean): void {
    issues.push({ path: pathOf(path, at), message });
    if (isFatal || issues.length - before >= MAX_ISSUES) isWalkable = false;
  }

  function visit(value: unknown, at: Place | null, depth: number): void {
    if (++values > maxValues) report(null, `must have at most ${maxValues} values in all`, true);
    else if (typeof value === "string") {
      const problem = textProblem(value);
      if (problem) report(at, problem, false);
    } else if (value === null || typeof value === "boolean" || Number.isFinite(value)) return;
    else if (typeof value !== "object") report(at, "must be a JSON value", true);
    else if (depth > MAX_NESTING) report(at, `is nested deeper than ${MAX_NESTING} levels`, true);
    else if (Array.isArray(value)) visitItems(value, at, depth);
    else visitMembers(value, at, depth);
  }

  function visitItems(list: readonly unknown[], parent: Place | null, depth: number): void {
    for (let key = 0; key < list.length && isWalkable; key++) visit(list[key], { parent, key }, depth + 1);
  }

  function visitMembers(object: object, parent: Place | null, depth: number): void {
    for (const key of Object.keys(object)) {
      if (!isWalkable) return;
      const problem = key === "__proto__" ? "must not be used as a key" : textProblem(key);
      if (problem) report({ parent, key }, problem, false);
      visit((object as Record<string, unknown>)[key], { parent, key }, depth + 1);
    }
  }

  visit(input, null, 1);
  if (!isWalkable) return false;
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > MAX_DEFINITION_BYTES) {
    report(null, `must be at most ${MAX_DEFINITION_BYTES} bytes of JSON, not ${bytes}`, true);
  }
  return isWalkable;
}

/** Postgres stores neither in jsonb. */
function textProblem(text: string): string | null {
  if (text.includes("\0")) return "must not hold a NUL character";
  return text.isWellFormed() ? null : "must not hold a lone surrogate";
}
