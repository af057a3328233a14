import { isJsonObject, type JsonValue } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";

/** `steps.extract.json.items[0].id`: names and positions only, so it is read synchronously, without jsonata. */
export interface PlainPath {
  readonly root: string;
  readonly segments: readonly (string | number)[];
}

/** Never reachable, whatever the data holds. */
const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export function isForbiddenName(name: string): boolean {
  return forbiddenNames.has(name);
}

const rootPattern = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const segmentPattern = /\.([\p{L}\p{N}_][\p{L}\p{N}_-]*)|\.`([^`]+)`|\[(-?\d{1,9})\]/uy;
const reservedWords: ReadonlySet<string> = new Set(["true", "false", "null", "and", "or", "in"]);

/** Reads a plain path that starts at `start`; null when there is none. */
export function parsePlainPath(text: string, start: number): { path: PlainPath; end: number } | null {
  rootPattern.lastIndex = start;
  const root = rootPattern.exec(text)?.[0];
  if (root === undefined || reservedWords.has(root)) return null;
  let end = rootPattern.lastIndex;
  const segments: (string | number)[] = [];
  for (;;) {
    segmentPattern.lastIndex = end;
    const match = segmentPattern.exec(text);
    if (!match) return { path: { root, segments }, end };
    segments.push(match[3] === undefined ? (match[1] ?? match[2]!) : Number(match[3]));
    end = segmentPattern.lastIndex;
  }
}

/** The value at the path; undefined when something on the way does not exist. Own properties only. */
export function readPath(bindings: Bindings, path: PlainPath): JsonValue | undefined {
  let value = ownProperty(bindings as unknown as { readonly [name: string]: JsonValue }, path.root);
  for (const segment of path.segments) {
    if (value === undefined) return undefined;
    value = step(value, segment);
  }
  return value;
}

function step(value: JsonValue, segment: string | number): JsonValue | undefined {
  if (Array.isArray(value)) {
    if (typeof segment === "number") return value.at(segment);
    return /^\d{1,9}$/.test(segment) ? value[Number(segment)] : undefined;
  }
  return isJsonObject(value) && typeof segment === "string" ? ownProperty(value, segment) : undefined;
}

function ownProperty(value: { readonly [name: string]: JsonValue }, name: string): JsonValue | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Why readPath found nothing. Tells names and kinds, never values. */
export function explainMissing(bindings: Bindings, path: PlainPath): string {
  let reached: string = path.root;
  let value = ownProperty(bindings as unknown as { readonly [name: string]: JsonValue }, path.root);
  if (value === undefined) return `there is no ${reached}`;
  for (const segment of path.segments) {
    const next: JsonValue | undefined = step(value, segment);
    if (next === undefined) return explainStep(value, segment, reached);
    reached += typeof segment === "number" ? `[${segment}]` : `.${segment}`;
    value = next;
  }
  return `${reached} has no value`;
}

function explainStep(value: JsonValue, segment: string | number, reached: string): string {
  if (reached === "steps") return `step "${segment}" has no output (it has not run, was skipped, or does not exist)`;
  if (typeof segment === "number") {
    return Array.isArray(value) ? `${reached} has ${value.length} items` : `${reached} is ${kindOf(value)}, not a list`;
  }
  if (Array.isArray(value)) {
    return `${reached} is a list: write ${reached}[0].${segment} for one item, [${reached}.${segment}] for all`;
  }
  if (!isJsonObject(value)) return `${reached} is ${kindOf(value)}, it has no "${segment}"`;
  const subtraction = /^.+-/.test(segment) ? " (a subtraction is written with spaces around the minus)" : "";
  return `${reached} has no "${segment}"${subtraction}`;
}

/** How a person calls the kind of a value, with its article. */
export function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}
