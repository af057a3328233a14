import type { JsonValue } from "../model/index.ts";

/** Characters of JSON above which a value is parsed elsewhere, and walked, masked and written in slices. */
export const LARGE = 256 * 1024;

/** Whether the JSON of a value has more characters than that, nearly. Looks at no more of it than it needs to. */
export function isLargerThan(characters: number, value: JsonValue | undefined): boolean {
  return charactersLeft(characters, value) < 0;
}

/** What is left of `left` when the value is taken off; less than 0 as soon as it is used up. */
export function charactersLeft(left: number, value: JsonValue | undefined): number {
  if (typeof value === "string") return left - value.length - 2;
  if (typeof value !== "object" || value === null) return value === undefined ? left : left - 6;
  let rest = left - 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && rest >= 0; i++) rest = charactersLeft(rest - 1, value[i] as JsonValue);
    return rest;
  }
  for (const key in value) {
    if (rest < 0) break;
    rest = charactersLeft(rest - key.length - 4, (value as Readonly<Record<string, JsonValue>>)[key]);
  }
  return rest;
}
