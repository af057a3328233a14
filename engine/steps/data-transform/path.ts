import { isJsonObject, type JsonValue } from "../../model/index.ts";

/** `data.items[0].name`, with `[*]` for every item. Read synchronously, without jsonata. */
export type PlainPath = readonly (string | number | typeof everyItem)[];

const everyItem = Symbol("every item");

const segmentPattern = /(?:^|\.)(?:([\p{L}\p{N}_][\p{L}\p{N}_-]*)|`([^`]+)`)|\[(?:(-?\d{1,9})|(\*))\]/uy;

/** Null when the text is more than a plain path: then it is a jsonata expression. */
export function parsePlainPath(text: string): PlainPath | null {
  const segments: (string | number | typeof everyItem)[] = [];
  segmentPattern.lastIndex = 0;
  while (segmentPattern.lastIndex < text.length) {
    const match = segmentPattern.exec(text);
    if (!match) return null;
    const [, name, quoted, position] = match;
    segments.push(name ?? quoted ?? (position === undefined ? everyItem : Number(position)));
  }
  return segments;
}

/** A property of an item: a plain path, or else the name of the property as it stands (`"first name"`). */
export function parseField(text: string): PlainPath {
  return parsePlainPath(text) ?? [text];
}

/**
 * The value at the path; undefined when there is none. A name that meets a list is read from each of its items that has
 * it, and the findings make one flat list; digits (`items.0`) are a position in a list. Own properties only.
 */
export function readPath(value: JsonValue, path: PlainPath, from = 0): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (let at = from; at < path.length; at++) {
    const segment = path[at]!;
    if (Array.isArray(current)) {
      if (segment === everyItem) return at === path.length - 1 ? current : readEach(current, path, at + 1);
      const position = typeof segment === "number" ? segment : /^\d{1,9}$/.test(segment) ? Number(segment) : null;
      if (position === null) return readEach(current, path, at);
      current = current.at(position);
    } else if (isJsonObject(current) && typeof segment === "string" && Object.hasOwn(current, segment)) {
      current = current[segment];
    } else {
      return undefined;
    }
  }
  return current;
}

function readEach(items: readonly JsonValue[], path: PlainPath, from: number): JsonValue[] {
  return items.flatMap((item) => readPath(item, path, from) ?? []);
}
