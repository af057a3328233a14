import type { JsonValue } from "../model/index.ts";
import { keepMeasure, type Measure, Meter } from "./measure.ts";
import { charactersLeft } from "./size.ts";
import type { Sliced } from "./slices.ts";

/** Characters that are parsed at a stretch. */
const PIECE = 64 * 1024;

/**
 * A large value on its way from a thread: what is small as JSON, to be parsed at a stretch; texts as they are. To take the
 * whole over as one message would hold its receiver for three times as long as to parse it.
 */
export type Part =
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "items"; readonly runs: readonly (string | Part)[]; readonly measure: Measure }
  | {
      readonly kind: "members";
      readonly runs: readonly (string | readonly [string, Part])[];
      readonly measure: Measure;
    };

export function toParts(value: JsonValue): Part {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value !== "object" || value === null || charactersLeft(PIECE, value) >= 0) {
    return { kind: "json", text: JSON.stringify(value) };
  }
  return Array.isArray(value) ? itemsOf(value) : membersOf(value as Readonly<Record<string, JsonValue>>);
}

function itemsOf(items: readonly JsonValue[]): Part {
  const runs: (string | Part)[] = [];
  const meter = new Meter();
  for (let start = 0; start < items.length; ) {
    let end = start;
    for (let left = PIECE; end < items.length; end++) {
      left = charactersLeft(left - 1, items[end]);
      if (left < 0) break;
    }
    if (end === start) {
      const part = toParts(items[start]!);
      runs.push(part);
      meterPart(meter, null, items[start]!, part);
    } else {
      runs.push(JSON.stringify(items.slice(start, end)));
      for (let i = start; i < end; i++) meter.item(items[i]!);
    }
    start = Math.max(end, start + 1);
  }
  return { kind: "items", runs, measure: meter.measure };
}

function membersOf(members: Readonly<Record<string, JsonValue>>): Part {
  const runs: (string | readonly [string, Part])[] = [];
  let run: [string, JsonValue][] = [];
  let left = PIECE;
  const meter = new Meter();
  const close = (): void => {
    if (run.length > 0) runs.push(JSON.stringify(run));
    run = [];
    left = PIECE;
  };
  for (const [key, member] of Object.entries(members)) {
    if (charactersLeft(PIECE, member) < 0) {
      close();
      const part = toParts(member);
      runs.push([key, part]);
      meterPart(meter, key, member, part);
      continue;
    }
    run.push([key, member]);
    meter.member(key, member);
    left = charactersLeft(left - key.length - 4, member);
    if (left < 0) close();
  }
  close();
  return { kind: "members", runs, measure: meter.measure };
}

function meterPart(meter: Meter, key: string | null, value: JsonValue, part: Part): void {
  if (part.kind === "items" || part.kind === "members") meter.measured(key, part.measure);
  else if (key === null) meter.item(value);
  else meter.member(key, value);
}

/** The value again. What is large in it has its measure with it. */
export function* fromParts(part: Part): Sliced<JsonValue> {
  if (part.kind === "text") return part.text;
  if (part.kind === "json") return JSON.parse(part.text) as JsonValue;
  if (part.kind === "items") {
    const items: JsonValue[] = [];
    for (const run of part.runs) {
      if (typeof run === "string") for (const item of JSON.parse(run) as JsonValue[]) items.push(item);
      else items.push(yield* fromParts(run));
      yield;
    }
    return keepMeasure(items, part.measure);
  }
  const members: Record<string, JsonValue> = {};
  for (const run of part.runs) {
    const entries = typeof run === "string" ? (JSON.parse(run) as [string, JsonValue][]) : [run];
    for (const [key, member] of entries) {
      setOwn(members, key, typeof run === "string" ? (member as JsonValue) : yield* fromParts(member as Part));
    }
    yield;
  }
  return keepMeasure(members, part.measure);
}

/** As JSON.parse does it: `__proto__` is a key like any other. */
function setOwn(members: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== "__proto__") members[key] = value;
  else Object.defineProperty(members, key, { value, writable: true, enumerable: true, configurable: true });
}
