import { isJsonObject, type JsonValue } from "../json.ts";

/** Replaces every secret in texts and keys by `***`. Returns the same reference when there was none. */
export type SecretMask = <T extends JsonValue>(value: T) => T;

/** What stands in the place of a secret. */
export const MASK = "***";

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
  if (needles.size === 0) return (value) => value;
  const longestFirst = [...needles].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeRegex).join("|"), "g");
  return <T extends JsonValue>(value: T) => maskValue(value, pattern) as T;
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
