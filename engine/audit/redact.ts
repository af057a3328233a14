import { MASK, type SecretMask } from "../expression/index.ts";
import { isJsonObject, type JsonValue } from "../model/index.ts";
import { isSecretName } from "../secret/index.ts";

/** Of `before` and of `after`, as JSON text. A larger one is stored as its beginning. */
const MAX_BYTES = 16_384;
const EXCERPT_CHARS = 4_096;

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
    Object.entries(value).map(([key, member]) => [key, isSecretName(key) ? hide(member) : hideByName(member)]),
  );
}

/** What is not there, and a reference to a variable, are no secrets. */
function hide(value: JsonValue): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  return typeof value === "string" && /^\{\{\s*env\.\w+\s*\}\}$/.test(value) ? value : MASK;
}
