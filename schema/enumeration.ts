import { registerEnumType } from "type-graphql";

/**
 * A GraphQL enum over words of the engine: `timed_out` shows as TIMED_OUT, `step.failed` as STEP_FAILED.
 * Each word needs its description here, so that a new word of the engine does not compile until it has one.
 */
export function enumeration<T extends string>(
  name: string,
  description: string,
  words: Readonly<Record<T, string>>,
): Readonly<Record<string, T>> {
  const entries = (Object.entries(words) as [T, string][]).map(
    ([word, text]) => [word.toUpperCase().replaceAll(".", "_"), word, text] as const,
  );
  const values = Object.fromEntries(entries.map(([key, word]) => [key, word]));
  const valuesConfig = Object.fromEntries(entries.map(([key, , text]) => [key, { description: text }]));
  registerEnumType(values, { name, description, valuesConfig });
  return values;
}
