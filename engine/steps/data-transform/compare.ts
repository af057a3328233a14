import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type JsonValue } from "../../model/index.ts";
import { parseField, readPath } from "./path.ts";
import type { FilterCondition } from "./schema.ts";

/** Compiles `{field, operator, value}` to a predicate over an item. */
export function predicate({ field, operator, value = null }: FilterCondition): (item: JsonValue) => boolean {
  const path = field === undefined ? [] : parseField(field);
  const test = (found: JsonValue | undefined): boolean => {
    switch (operator) {
      case "exists":
        return found !== undefined && found !== null;
      case "not_exists":
        return found === undefined || found === null;
      case "equals":
        return isDeepStrictEqual(found ?? null, value);
      case "not_equals":
        return !isDeepStrictEqual(found ?? null, value);
      case "contains":
        return contains(found, value);
      case "not_contains":
        return !contains(found, value);
      case "greater_than":
        return (orderOf(found, value) ?? 0) > 0;
      case "less_than":
        return (orderOf(found, value) ?? 0) < 0;
    }
  };
  return (item) => test(readPath(item, path));
}

function contains(whole: JsonValue | undefined, part: JsonValue): boolean {
  if (Array.isArray(whole)) return whole.some((item) => isDeepStrictEqual(item, part));
  if (typeof whole === "string") return whole.includes(typeof part === "string" ? part : JSON.stringify(part));
  return isJsonObject(whole) && typeof part === "string" && Object.hasOwn(whole, part);
}

/** Numbers by value, also when one of them is text (CSV has only text); texts by code unit; null when neither fits. */
function orderOf(left: JsonValue | undefined, right: JsonValue): number | null {
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  const difference = toNumber(left) - toNumber(right);
  return Number.isNaN(difference) ? null : difference;
}

function toNumber(value: JsonValue | undefined): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
}

const kindOrder = ["boolean", "number", "string", "object"];

/** A total order over JSON: booleans, numbers, texts, the rest as equals; null and nothing at the end. */
export function compareAny(left: JsonValue | undefined, right: JsonValue | undefined): number {
  const leftRank = rankOf(left);
  const rightRank = rankOf(right);
  if (leftRank !== rightRank) return leftRank - rightRank;
  if (typeof left === "object" || left === undefined) return 0;
  return left < right! ? -1 : left > right! ? 1 : 0;
}

function rankOf(value: JsonValue | undefined): number {
  return value === null || value === undefined ? kindOrder.length : kindOrder.indexOf(typeof value);
}
