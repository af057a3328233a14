import { isJsonObject, type JsonObject, type JsonValue, StepError } from "../../model/index.ts";
import { compareAny } from "./compare.ts";
import { parseField, readPath } from "./path.ts";
import type { Aggregate, Sort } from "./schema.ts";

/** Operations over the list at a path; what is not there counts as an empty list. */
export function asList(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unsuitable(`needs a list, but the path leads to ${kindOf(value)}`);
  return value as readonly JsonValue[];
}

export function aggregate(items: readonly JsonValue[], { operation, field }: Aggregate): JsonValue {
  if (operation === "count" && field === undefined) return items.length;
  const path = field === undefined ? [] : parseField(field);
  // As in SQL, what is missing or null does not take part.
  const values = items.map((item) => readPath(item, path)).filter((value) => value !== undefined && value !== null);
  switch (operation) {
    case "count":
      return values.length;
    case "sum":
      return sum(values);
    case "avg":
      return values.length === 0 ? null : sum(values) / values.length;
    case "min":
      return values.length === 0
        ? null
        : values.reduce((least, value) => (compareAny(value, least) < 0 ? value : least));
    case "max":
      return values.length === 0 ? null : values.reduce((most, value) => (compareAny(value, most) > 0 ? value : most));
    case "distinct":
      return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  }
}

function sum(values: readonly JsonValue[]): number {
  let total = 0;
  for (const value of values) {
    if (typeof value !== "number") throw unsuitable(`needs numbers, but one of the values is ${kindOf(value)}`);
    total += value;
  }
  if (!Number.isFinite(total)) throw unsuitable("has a sum that is too large for a number");
  return total;
}

export function sort(items: readonly JsonValue[], { field, order }: Sort): JsonValue {
  const path = field === undefined ? [] : parseField(field);
  const direction = order === "asc" ? 1 : -1;
  return items
    .map((item) => ({ item, by: readPath(item, path) }))
    .sort((left, right) => {
      const isLeftEmpty = left.by === undefined || left.by === null;
      const isRightEmpty = right.by === undefined || right.by === null;
      // What has no value comes last in either direction.
      if (isLeftEmpty || isRightEmpty) return Number(isLeftEmpty) - Number(isRightEmpty);
      return direction * compareAny(left.by, right.by);
    })
    .map(({ item }) => item);
}

export function groupBy(items: readonly JsonValue[], field: string): JsonObject {
  const path = parseField(field);
  const group = (item: JsonValue): string => {
    const value = readPath(item, path) ?? null;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  const groups = Map.groupBy(items, group);
  return Object.fromEntries(groups);
}

export function unsuitable(message: string): StepError {
  return new StepError("STEP_FAILED", message, { retryable: false });
}

export function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return isJsonObject(value) ? "an object" : `a ${typeof value}`;
}
