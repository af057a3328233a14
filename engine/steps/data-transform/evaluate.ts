import jsonata from "jsonata";
import type { JsonValue } from "../../json.ts";
import { StepError } from "../step-error.ts";

const guards = { timeout: 500, stack: 500, sequence: 100_000 };

/** The value of a jsonata expression over `input`; undefined when it has none. Throws StepError EXPRESSION_FAILED. */
export async function evaluate(expression: string, input: JsonValue): Promise<JsonValue | undefined> {
  try {
    const result: unknown = await jsonata(expression, guards).evaluate(input);
    // jsonata marks its sequences with properties of their own, which the copy leaves behind.
    return result === undefined ? undefined : (JSON.parse(JSON.stringify(result) ?? "null") as JsonValue);
  } catch (error) {
    const message = (error as { message?: unknown } | null)?.message ?? "it cannot be evaluated";
    throw new StepError("EXPRESSION_FAILED", `the expression failed: ${String(message)}`, {
      retryable: false,
      cause: error,
    });
  }
}
