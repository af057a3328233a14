import { z } from "zod";
import { DomainError, type Issue } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import { isSafeJson } from "./json-guard.ts";
import { pathSegments } from "./json-path.ts";
import { findSchemaIssues, toIssue } from "./schema-issues.ts";

/** Postgres refuses NUL in text, and would keep half a surrogate pair as something else. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes("\0"), "must not hold a NUL character")
    .refine((value) => value.isWellFormed(), "must not hold a lone surrogate");

/** An object of any JSON, checked for depth before anything walks through it. */
export const openObject = z.record(z.string(), z.custom<JsonValue>()).superRefine((value, context) => {
  const issues: Issue[] = [];
  isSafeJson(value, "", issues);
  for (const { path, message } of issues) {
    context.addIssue({ code: "custom", path: pathSegments(path), message });
  }
});

/** Parses, or throws one DomainError with every issue. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw DomainError.invalid(findSchemaIssues(schema, input).map((issue) => toIssue(issue, "")));
}
