import type { JsonValue } from "../model/index.ts";
import { charactersLeft } from "./size.ts";
import type { Sliced } from "./slices.ts";

/** Characters that are written at a stretch: a fraction of a millisecond. */
const PIECE = 64 * 1024;

/** The JSON of values that were written before, in UTF-8. Found by identity. */
export type Written = ReadonlyMap<unknown, readonly Buffer[]>;

export const nothingWritten: Written = new Map();

/** What JSON.stringify writes, in pieces of UTF-8; parts that are in `known` are taken from there. */
export function* writeJson(value: JsonValue, known: Written): Sliced<readonly Buffer[]> {
  const pieces: Buffer[] = [];
  /** Small pieces gather: millions of buffers would be worse than what they hold. */
  let gathered = "";

  function flush(): void {
    if (gathered !== "") pieces.push(Buffer.from(gathered));
    gathered = "";
  }

  function* put(text: string): Sliced<void> {
    gathered += text;
    if (gathered.length < PIECE) return;
    flush();
    yield;
  }

  function* write(part: JsonValue): Sliced<void> {
    const before = known.get(part);
    if (before) {
      flush();
      pieces.push(...before);
    } else if (typeof part === "string" && part.length > PIECE) yield* writeText(part);
    else if (typeof part !== "object" || part === null || charactersLeft(PIECE, part) >= 0) {
      yield* put(JSON.stringify(part));
    } else if (Array.isArray(part)) yield* writeItems(part);
    else yield* writeMembers(part as Readonly<Record<string, JsonValue>>);
  }

  function* writeText(text: string): Sliced<void> {
    yield* put('"');
    for (let start = 0; start < text.length; ) {
      let end = Math.min(start + PIECE, text.length);
      // Half a surrogate pair would be written as an escape.
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      yield* put(JSON.stringify(text.slice(start, end)).slice(1, -1));
      start = end;
    }
    yield* put('"');
  }

  function* writeItems(items: readonly JsonValue[]): Sliced<void> {
    yield* put("[");
    for (let start = 0; start < items.length; ) {
      const end = endOfRun(items, start, known);
      if (start > 0) yield* put(",");
      if (end === start) {
        yield* write(items[start] ?? null);
        start += 1;
      } else {
        yield* put(JSON.stringify(items.slice(start, end)).slice(1, -1));
        start = end;
      }
    }
    yield* put("]");
  }

  function* writeMembers(members: Readonly<Record<string, JsonValue>>): Sliced<void> {
    let before = "{";
    for (const key of Object.keys(members)) {
      const member = members[key];
      if (member === undefined) continue;
      yield* put(`${before}${JSON.stringify(key)}:`);
      yield* write(member);
      before = ",";
    }
    yield* put(before === "{" ? "{}" : "}");
  }

  yield* write(value);
  flush();
  return pieces;
}

/** The items from `start` that can be written at a stretch; none when the first cannot. */
function endOfRun(items: readonly JsonValue[], start: number, known: Written): number {
  let left = PIECE;
  for (let i = start; i < items.length; i++) {
    if (known.size > 0 && known.has(items[i])) return i;
    left = charactersLeft(left - 1, items[i]);
    if (left < 0) return i;
  }
  return items.length;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
