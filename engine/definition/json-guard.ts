import type { Issue } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { memberPath } from "../json-path.ts";

export const MAX_DEFINITION_BYTES = 1024 * 1024;
export const MAX_NESTING = 32;

/**
 * Whether the input is JSON that can be stored and walked safely. Adds what it finds to `issues`; false means that it is no
 * use to look any further.
 */
export function isSafeJson(input: unknown, path: string, issues: Issue[]): input is JsonValue {
  let isWalkable = true;

  function report(at: string, message: string, isFatal: boolean): void {
    issues.push({ path: at, message });
    if (isFatal) isWalkable = false;
  }

  function visit(value: unknown, at: string, depth: number): void {
    if (typeof value === "string") {
      const problem = textProblem(value);
      if (problem) report(at, problem, false);
      return;
    }
    if (value === null || typeof value === "boolean" || Number.isFinite(value)) return;
    if (typeof value !== "object") {
      report(at, "must be a JSON value", true);
    } else if (depth > MAX_NESTING) {
      report(at, `is nested deeper than ${MAX_NESTING} levels`, true);
    } else if (Array.isArray(value)) {
      for (const [index, member] of value.entries()) visit(member, memberPath(at, index), depth + 1);
    } else {
      for (const [key, member] of Object.entries(value)) visitMember(key, member, memberPath(at, key), depth);
    }
  }

  function visitMember(key: string, member: unknown, at: string, depth: number): void {
    const problem = key === "__proto__" ? "must not be used as a key" : textProblem(key);
    if (problem) report(at, problem, false);
    visit(member, at, depth + 1);
  }

  visit(input, path, 1);
  if (!isWalkable) return false;
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > MAX_DEFINITION_BYTES) {
    report(path, `must be at most ${MAX_DEFINITION_BYTES} bytes of JSON, not ${bytes}`, true);
  }
  return isWalkable;
}

/** Postgres stores neither in jsonb. */
function textProblem(text: string): string | null {
  if (text.includes("\0")) return "must not hold a NUL character";
  return text.isWellFormed() ? null : "must not hold a lone surrogate";
}
