import { inSlices, isLargerThan, LARGE, type Sliced } from "../large-json/index.ts";
import { isJsonObject, type JsonObject, type JsonValue, type MaybePromise } from "../model/index.ts";

/** Replaces every secret in texts and keys by `***`. Returns the same reference when there was none. */
export interface SecretMask {
  <T extends JsonValue>(value: T): T;
  /** The same, a large value in slices. */
  inSlices<T extends JsonValue>(value: T): MaybePromise<T>;
}

/** What stands in the place of a secret. */
export const MASK = "***";

const MEMBERS_PER_STEP = 64;

/** Encodings of shorter secrets would match ordinary text. */
const MIN_ENCODED_LENGTH = 4;

/**
 * Finds each secret as it is, and as it looks URL-encoded, form-encoded, JSON-escaped, in hex, in base64 and base64url -
 * the last two also in the middle of something longer, such as the `user:secret` of a Basic header.
 * Numbers are left alone: a secret that an upstream echoes as a JSON number is not found.
 */
export function createSecretMask(secrets: Iterable<string>): SecretMask {
  const needles = new Set<string>();
  for (const secret of secrets) {
    if (secret === "") continue;
    needles.add(secret);
    if (secret.length >= MIN_ENCODED_LENGTH) for (const encoded of encodings(secret)) needles.add(encoded);
  }
  if (needles.size === 0) return noMask;
  const longestFirst = [...needles].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeRegex).join("|"), "g");
  const mask = <T extends JsonValue>(value: T) => maskValue(value, pattern) as T;
  const longest = longestFirst[0]!.length;
  const masked = <T extends JsonValue>(value: T): MaybePromise<T> =>
    isLargerThan(LARGE, value) ? inSlices(maskLarge(value, pattern, longest) as Sliced<T>, "masking") : mask(value);
  return Object.assign(mask, { inSlices: masked });
}

/** For who has no secrets. */
export const noMask: SecretMask = Object.assign(<T extends JsonValue>(value: T) => value, {
  inSlices: <T extends JsonValue>(value: T) => value,
});

/** Characters that are gone through at a stretch. */
const PIECE = 64 * 1024;

function* maskLarge(value: JsonValue, pattern: RegExp, longest: number): Sliced<JsonValue> {
  if (!isLargerThan(PIECE, value)) return maskValue(value, pattern);
  if (typeof value === "string") return yield* maskText(value, pattern, longest);
  let changed = false;
  const masked: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value as JsonObject)) {
    const name = Array.isArray(value) ? key : key.replace(pattern, MASK);
    const now = yield* maskLarge(member, pattern, longest);
    changed ||= name !== key || now !== member;
    masked.push([name, now]);
    if (masked.length % MEMBERS_PER_STEP === 0) yield;
  }
  if (!changed) return value;
  return Array.isArray(value) ? masked.map(([, member]) => member) : Object.fromEntries(masked);
}

/** Window by window. Each is longer than its part of the text by what a secret may reach into the next. */
function* maskText(text: string, pattern: RegExp, longest: number): Sliced<string> {
  let masked = "";
  let changed = false;
  for (let start = 0; start < text.length; ) {
    const window = text.slice(start, start + PIECE + longest - 1);
    let end = 0;
    pattern.lastIndex = 0;
    for (let found = pattern.exec(window); found && found.index < PIECE; found = pattern.exec(window)) {
      masked += window.slice(end, found.index) + MASK;
      end = pattern.lastIndex;
      changed = true;
    }
    pattern.lastIndex = 0;
    const next = Math.max(end, Math.min(PIECE, window.length));
    masked += window.slice(end, next);
    start += next;
    yield;
  }
  return changed ? masked : text;
}

function maskValue(value: JsonValue, pattern: RegExp): JsonValue {
  if (typeof value === "string") return value.replace(pattern, MASK);
  if (Array.isArray(value)) {
    const masked = value.map((member) => maskValue(member, pattern));
    return masked.some((member, index) => member !== value[index]) ? masked : value;
  }
  if (!isJsonObject(value)) return value;
  let changed = false;
  const masked = Object.entries(value).map(([key, member]) => {
    const entry = [key.replace(pattern, MASK), maskValue(member, pattern)] as const;
    changed ||= entry[0] !== key || entry[1] !== member;
    return entry;
  });
  return changed ? Object.fromEntries(masked) : value;
}

function* encodings(secret: string): Generator<string> {
  const wellFormed = secret.toWellFormed();
  const url = encodeURIComponent(wellFormed);
  const form = new URLSearchParams([["", wellFormed]]).toString().slice(1);
  for (const encoded of [url, form]) {
    yield encoded;
    yield encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase());
  }
  yield JSON.stringify(secret).slice(1, -1);
  // Some encoders escape the slash, and everything beyond ASCII.
  yield JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/");
  const bytes = Buffer.from(wellFormed);
  yield bytes.toString("hex");
  yield bytes.toString("hex").toUpperCase();
  for (const encoding of ["base64", "base64url"] as const) {
    yield bytes.toString(encoding);
    yield bytes.toString(encoding).replace(/=+$/, "");
    for (const offset of [0, 1, 2]) {
      const core = encodedCore(bytes, offset, encoding);
      if (core.length >= MIN_ENCODED_LENGTH) yield core;
    }
  }
}

/** The characters of base64 that hold nothing but bits of the secret when it stands `offset` bytes after a multiple of 3. */
function encodedCore(bytes: Buffer, offset: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(encoding);
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
