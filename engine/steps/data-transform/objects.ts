import { isJsonObject, type JsonObject, type JsonValue } from "../../model/index.ts";
import { kindOf, unsuitable } from "./lists.ts";
import { parsePlainPath, readPath } from "./path.ts";

/** Applies `change` to an object, or to each object of a list; nothing stays null. */
function eachObject(value: JsonValue | undefined, change: (object: JsonObject) => JsonObject): JsonValue {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item: JsonValue) => eachObject(item, change));
  if (!isJsonObject(value)) throw unsuitable(`needs an object or a list of objects, but there is ${kindOf(value)}`);
  return change(value);
}

export function mapFields(value: JsonValue | undefined, mapping: Readonly<Record<string, string>>): JsonValue {
  const fields = Object.entries(mapping).map(([name, text]) => [name, parsePlainPath(text) ?? [text]] as const);
  return eachObject(value, (object) =>
    Object.fromEntries(fields.map(([name, path]) => [name, readPath(object, path) ?? null])),
  );
}

export function keepFields(value: JsonValue | undefined, fields: readonly string[], which: "pick" | "omit"): JsonValue {
  const named = new Set(fields);
  return eachObject(value, (object) =>
    Object.fromEntries(Object.entries(object).filter(([name]) => named.has(name) === (which === "pick"))),
  );
}

/** Objects: one with the fields of all, later ones win. Lists: joined. What is not there takes no part. */
export function merge(values: readonly (JsonValue | undefined)[]): JsonValue {
  const present = values.filter((value) => value !== undefined && value !== null);
  if (present.length === 0) return null;
  if (present.every(isJsonObject)) return Object.fromEntries(present.flatMap((object) => Object.entries(object)));
  if (present.every((value) => Array.isArray(value))) return present.flat() as JsonValue[];
  throw unsuitable("needs either objects only or lists only");
}
