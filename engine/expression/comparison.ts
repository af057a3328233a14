import { isJsonObject, type JsonValue } from "../model/index.ts";
import { kindOf } from "./path.ts";

/**
 * The rule of jsonata's $boolean: false are null, false, 0, the empty text, the empty object, and a list without a true
 * member. So the text "false" is true.
 */
export function isTruthy(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(isTruthy);
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Equal in kind and content: the number 10 and the text "10" differ. */
export function isEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((member, index) => isEqual(member, b[index]!));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key]!, b[key]!))
  );
}

/** Two values that have no order; the message names both kinds, never the values. */
export class ComparisonError extends Error {
  override readonly name = "ComparisonError";

  constructor(verb: string, left: JsonValue, right: JsonValue) {
    const mixed = typeof left !== typeof right && [left, right].some((value) => typeof value === "number");
    const hint =
      mixed && [left, right].some((value) => typeof value === "string") ? " (convert with $number or $string)" : "";
    super(`cannot ${verb} ${kindOf(left)} and ${kindOf(right)}${hint}`);
  }
}

/** Negative, zero or positive. Numbers with numbers, texts with texts (by UTF-16 code unit). */
export function order(left: JsonValue, right: JsonValue): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  throw new ComparisonError("order", left, right);
}

/** A text contains a text, a list an equal member, an object a key. */
export function contains(container: JsonValue, content: JsonValue): boolean {
  if (Array.isArray(container)) return container.some((member) => isEqual(member, content));
  if (typeof content === "string") {
    if (typeof container === "string") return container.includes(content);
    if (isJsonObject(container)) return Object.hasOwn(container, content);
  }
  throw new ComparisonError("search", container, content);
}
