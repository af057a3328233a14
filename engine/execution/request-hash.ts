import { createHash } from "node:crypto";

/** Tells a repeat of a request from another one under the same idempotency key. */
export function requestHash(body: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(body, inKeyOrder)).digest("hex");
}

/** Members of an object have no order: a client may send the same ones in another. */
function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
