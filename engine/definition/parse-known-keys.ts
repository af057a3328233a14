import type { z } from "zod";
import { findSchemaIssues, type Issue, isJsonObject, toIssue } from "../model/index.ts";

/**
 * Parses an object, reports what is wrong, and goes on without the members that are: so that one wrong member does not hide
 * what else there is to say. Null when nothing is left to go on with.
 */
export function parseKnownKeys<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: string,
  issues: Issue[],
): z.output<Schema> | null {
  const found = findSchemaIssues(schema, value);
  issues.push(...found.map((issue) => toIssue(issue, path)));
  if (found.length === 0) return schema.parse(value);
  if (!isJsonObject(value)) return null;
  const wrong = new Set(found.map(({ segments: [key] }) => key));
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !wrong.has(key)));
  return schema.safeParse(rest).data ?? null;
}
