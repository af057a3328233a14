import type { SecretMask } from "../expression/index.ts";
import { isJsonObject, type JsonValue } from "../json.ts";

/** Of `before` and of `after`, as JSON text. A larger one is stored as its beginning. */
const MAX_BYTES = 16_384;
const EXCERPT_CHARS = 4_096;
const MASK = "***";

/** A key that has one of these words in its name holds a secret, whatever its value. */
const secretWords = new Set([
  "secret",
  "secrets",
  "token",
  "tokens",
  "password",
  "passwd",
  "passphrase",
  "authorization",
  "cookie",
  "cookies",
  "credential",
  "credentials",
  "signature",
  "apikey",
]);
/** Words that are secret only together. */
const secretPairs = /(?:^|_)(?:api|private|access|signing|encryption)_key(?:_|$)/;

/** A value as the audit log may keep it: secrets replaced, and small. */
export function redact(value: JsonValue, mask: SecretMask): JsonValue {
  const masked = mask(hideByName(value));
  const text = JSON.stringify(masked);
  const bytes = Buffer.byteLength(text);
  return bytes <= MAX_BYTES ? masked : { truncated: true, bytes, excerpt: text.slice(0, EXCERPT_CHARS).toWellFormed() };
}

function hideByName(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(hideByName);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, isSecret(key) ? hide(member) : hideByName(member)]),
  );
}

/** What is not there, and a reference to a variable, are no secrets. */
function hide(value: JsonValue): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  return typeof value === "string" && /^\{\{\s*env\.\w+\s*\}\}$/.test(value) ? value : MASK;
}

/** `x-api-key`, `clientSecret` and `TOKEN` are; `secretary` is not. */
function isSecret(key: string): boolean {
  const name = key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
  return name.split("_").some((word) => secretWords.has(word)) || secretPairs.test(name);
}
