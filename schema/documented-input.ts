import { DomainError, type JsonObject } from "../engine/index.ts";

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

/** The engine takes some lists as the REST API does: in one text, separated by commas. @throws DomainError */
export function toCommaText(list: readonly string[], path: string): string {
  const issues = list.flatMap((one, i) =>
    one.includes(",") ? [{ path: `${path}[${i}]`, message: "must not hold a comma" }] : [],
  );
  if (issues.length > 0) throw DomainError.invalid(issues);
  return list.join(",");
}
