import { isJsonObject, type JsonValue } from "../model/index.ts";

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
const secretPairs = /(?:^|_)(?:api|private|access|signing|encryption|auth)_key(?:_|$)/;

/** `x-api-key`, `clientSecret`, `Set-Cookie` and `TOKEN` are; `secretary` is not. */
export function isSecretName(key: string): boolean {
  const name = key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
  return name.split("_").some((word) => secretWords.has(word)) || secretPairs.test(name);
}

/** A config with `hide` for the values of headers that carry credentials, also of those that were written out. */
export function hideHeaders(config: JsonValue, hide: (value: JsonValue) => JsonValue): JsonValue {
  if (!isJsonObject(config) || !isJsonObject(config.headers)) return config;
  const headers = Object.entries(config.headers);
  if (!headers.some(([name]) => isSecretName(name))) return config;
  const shown = headers.map(([name, value]) => [name, isSecretName(name) ? hide(value) : value]);
  return { ...config, headers: Object.fromEntries(shown) };
}
