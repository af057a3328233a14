import type { JsonValue } from "../model/index.ts";
import { knownMeasure, sizes } from "./index.ts";

/**
 * Characters that the value has as JSON, nearly: escapes are not counted, a number has 8, and a list or object some for
 * itself, so that three times this is what the value has in memory at most. Takes a fifth of the time of writing it.
 */
export function jsonSize(value: JsonValue | undefined): number {
  switch (typeof value) {
    case "string":
      return value.length + sizes.quotes;
    case "object":
      return value === null ? sizes.null : sizeOfItems(value);
    case "undefined":
      return 0;
    default:
      return sizes.scalar;
  }
}

function sizeOfItems(value: object): number {
  // Found in the thread that has parsed it: ten MiB hold the loop for 15 ms each time.
  const known = knownMeasure(value);
  if (known !== undefined) return known.size;
  let size = sizes.container;
  if (Array.isArray(value)) for (const item of value as JsonValue[]) size += sizes.item + jsonSize(item);
  else for (const key in value) size += sizes.member + key.length + jsonSize((value as Record<string, JsonValue>)[key]);
  return size;
}
