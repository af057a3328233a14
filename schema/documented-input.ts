import type { JsonObject } from "../engine/index.ts";

/** The engine takes input in the names of the REST API: `cronSchedule` is its `cron_schedule`. */
export function toDocumentedNames(input: object): JsonObject {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

/** Null asks for the default, as leaving it out does. */
export function withoutNulls<T extends object>(input: T): T {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as T;
}
