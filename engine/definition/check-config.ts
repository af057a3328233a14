import type { z } from "zod";
import { hasPlaceholder } from "../expression/index.ts";
import {
  findSchemaIssues,
  type Issue,
  isJsonObject,
  type JsonValue,
  type SchemaIssue,
  toIssue,
} from "../model/index.ts";

/**
 * Checks a config by the schema of its step type as far as it is known before the placeholders are filled in. In a template,
 * an empty text is still to be filled in too, and a required key may be missing.
 */
export function checkConfig(
  schema: z.ZodType,
  config: JsonValue,
  path: string,
  options: { readonly isTemplate: boolean; readonly issues: Issue[] },
): void {
  for (const issue of findSchemaIssues(schema, config)) {
    if (!isUndecided(issue, config, options.isTemplate)) options.issues.push(toIssue(issue, path));
  }
}

function isUndecided(issue: SchemaIssue, config: JsonValue, isTemplate: boolean): boolean {
  if (issue.kind === "unknown_key") return false;
  let value: JsonValue | undefined = config;
  for (const segment of issue.segments) {
    if (typeof value === "string" && mayBecomeAnything(value)) return true;
    value = memberOf(value, segment);
  }
  if (value === undefined) return isTemplate;
  if (typeof value === "string") {
    if (isTemplate && value === "") return true;
    // Inside other text a placeholder becomes text: only the kind of the value is certain.
    return issue.kind === "type" ? mayBecomeAnything(value) : hasPlaceholder(value);
  }
  return issue.kind !== "type" && holdsPlaceholder(value, isTemplate);
}

/** One whole placeholder, or two that stand at both ends. */
function mayBecomeAnything(text: string): boolean {
  return text.startsWith("{{") && text.endsWith("}}");
}

function holdsPlaceholder(value: JsonValue, isTemplate: boolean): boolean {
  if (typeof value === "string") return hasPlaceholder(value) || (isTemplate && value === "");
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member: JsonValue) => holdsPlaceholder(member, isTemplate));
}

function memberOf(value: JsonValue | undefined, segment: PropertyKey): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(segment)];
  return isJsonObject(value) && Object.hasOwn(value, segment) ? value[String(segment)] : undefined;
}
