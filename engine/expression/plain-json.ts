import type { JsonValue } from "../model/index.ts";
import { MAX_RESULT_CHARACTERS, MAX_RESULT_VALUES } from "./limits.ts";

/** The result of an expression is not JSON, or too large. */
export class ResultError extends Error {
  override readonly name = "ResultError";
}

/**
 * Copies a result of jsonata: its sequences become plain arrays, and what JSON cannot carry is refused.
 * Undefined at the top means that the expression has no value.
 */
export function toPlainJson(result: unknown): JsonValue | undefined {
  if (result === undefined) return undefined;
  let values = 0;
  let characters = 0;

  function text(value: string): string {
    characters += value.length;
    if (characters > MAX_RESULT_CHARACTERS) {
      throw new ResultError(`the result has more than ${MAX_RESULT_CHARACTERS} characters of text`);
    }
    return value;
  }

  function copy(value: unknown): JsonValue {
    if (++values > MAX_RESULT_VALUES) throw new ResultError(`the result has more than ${MAX_RESULT_VALUES} values`);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return text(value);
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new ResultError(`the result holds ${value}, which is no JSON number`);
      return value;
    }
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== "object") throw new ResultError(`the result holds ${unstorable(value)}`);
    if ("_jsonata_function" in value || "_jsonata_lambda" in value) throw new ResultError("the result is a function");
    const object: Record<string, JsonValue> = {};
    for (const [key, member] of Object.entries(value)) {
      if (key === "__proto__") throw new ResultError('the result has the key "__proto__"');
      object[text(key)] = copy(member);
    }
    return object;
  }

  return copy(result);
}

function unstorable(value: unknown): string {
  return value === undefined ? "an undefined value" : `a ${typeof value}`;
}
