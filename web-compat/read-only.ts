import type { JsonObject } from "../engine/index.ts";

/** Clients send back a whole object that they have read: what cannot be changed is left out. */
export function withoutReadOnly(body: Readonly<Record<string, unknown>>, readOnly: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !readOnly.includes(name))) as JsonObject;
}
