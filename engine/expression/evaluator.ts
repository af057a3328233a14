import jsonata from "jsonata";
import type { JsonValue } from "../model/index.ts";
import { addDigests } from "./digests.ts";
import { EVALUATION_TIMEOUT_MS, MAX_EVALUATION_DEPTH, MAX_SEQUENCE_LENGTH } from "./limits.ts";
import { ResultError, toPlainJson } from "./plain-json.ts";
import { LinearRegex } from "./regex-engine.ts";

/** jsonata with its guards on, and with functions of our own. */
export function parseExpression(text: string): jsonata.Expression {
  const expression = jsonata(text, {
    timeout: EVALUATION_TIMEOUT_MS,
    stack: MAX_EVALUATION_DEPTH,
    sequence: MAX_SEQUENCE_LENGTH,
    // jsonata needs no more of the constructor than this class has.
    RegexEngine: LinearRegex as unknown as RegExpConstructor,
  });
  addDigests(expression);
  return expression;
}

export type EvaluationReply =
  | { readonly ok: true; readonly value: JsonValue | undefined }
  | { readonly ok: false; readonly message: string; readonly isTransient: boolean };

/** Never throws, so that both the caller's process and the sandbox tell failures in one way. */
export async function evaluateExpression(
  expression: jsonata.Expression,
  input: unknown,
  variables: Readonly<Record<string, JsonValue>>,
): Promise<EvaluationReply> {
  try {
    return { ok: true, value: toPlainJson(await expression.evaluate(input, variables)) };
  } catch (error) {
    return { ok: false, message: describeFailure(error), isTransient: codeOf(error) === "D1012" };
  }
}

/** Longer ones quote data. */
const MAX_MESSAGE_LENGTH = 300;

export function describeFailure(error: unknown): string {
  if (error instanceof ResultError) return error.message;
  if (error instanceof RangeError) return "it is nested too deeply, or its result is too large";
  const code = codeOf(error);
  if (code === "D1012") return `it ran for more than ${EVALUATION_TIMEOUT_MS} ms`;
  if (code === "D1011") return `it is nested or recurses deeper than ${MAX_EVALUATION_DEPTH} levels`;
  if (code === "D2014" || code === "D2015") return `it makes a list of more than ${MAX_SEQUENCE_LENGTH} items`;
  const message = String((error as { message?: unknown } | null)?.message ?? error);
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message;
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
