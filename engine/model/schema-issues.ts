import { z } from "zod";
import { type Issue, MAX_ISSUES } from "./errors.ts";
import { memberPath } from "./json-path.ts";
import { nearestName } from "./nearest-name.ts";

type ZodIssue = z.core.$ZodIssue;

/** One broken rule of a schema, before its path is written out. */
export interface SchemaIssue {
  readonly segments: readonly PropertyKey[];
  readonly message: string;
  readonly kind: "type" | "missing" | "unknown_key" | "other";
}

/** What breaks the schema, up to a hundred: what zod reports, in words that say what was expected. */
export function findSchemaIssues(schema: z.ZodType, value: unknown): readonly SchemaIssue[] {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return [];
  return result.error.issues
    .slice(0, MAX_ISSUES)
    .flatMap((issue) => explain(issue, schema, []))
    .slice(0, MAX_ISSUES);
}

export function toIssue(issue: SchemaIssue, root: string): Issue {
  const path = issue.segments.reduce<string>(
    (at, segment) => memberPath(at, typeof segment === "number" ? segment : String(segment)),
    root,
  );
  return { path, message: issue.message };
}

function explain(issue: ZodIssue, schema: z.ZodType, prefix: readonly PropertyKey[]): SchemaIssue[] {
  const segments = [...prefix, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, segments);
    return issue.keys.slice(0, MAX_ISSUES).map((key, found) => {
      const near = nearestName(key, known, found);
      const message = `is not a known key; ${near ? `did you mean ${near}?` : `known are ${[...known].join(", ")}`}`;
      return { segments: [...segments, key], message, kind: "unknown_key" };
    });
  }
  if (issue.code === "invalid_union") return explainUnion(issue, schema, segments);
  const isMissing = issue.input === undefined;
  const kind = isMissing ? "missing" : issue.code === "invalid_type" ? "type" : "other";
  const expected = describeExpected(issue);
  return [{ segments, message: isMissing ? `is required${expected.replace(/^must be /, ": ")}` : expected, kind }];
}

/** The branch that the value comes nearest to: the one that got inside of it. */
function explainUnion(
  issue: Extract<ZodIssue, { code: "invalid_union" }>,
  schema: z.ZodType,
  segments: readonly PropertyKey[],
): SchemaIssue[] {
  const options = "options" in issue && Array.isArray(issue.options) ? issue.options : null;
  if (issue.errors.length === 0) {
    return [{ segments, message: options ? `must be one of ${options.join(", ")}` : issue.message, kind: "other" }];
  }
  const inside = issue.errors.find((branch) =>
    branch.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  if (inside) return inside.flatMap((inner) => explain(inner, schema, segments));
  const expected = issue.errors.map((branch) =>
    branch[0] ? describeExpected(branch[0]).replace(/^must be /, "") : "",
  );
  const kind = issue.errors.every(([first]) => first?.code === "invalid_type") ? "type" : "other";
  return [{ segments, message: `must be ${[...new Set(expected)].join(", or ")}`, kind }];
}

function describeExpected(issue: ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${articled(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? JSON.stringify(issue.values[0]) : `one of ${issue.values.join(", ")}`}`;
    case "invalid_format":
      // A pattern says nothing to a person; its own message does.
      return issue.format === "regex" ? issue.message : `must be a valid ${issue.format}`;
    case "too_small":
    case "too_big": {
      const isLower = issue.code === "too_small";
      const limit = isLower ? issue.minimum : issue.maximum;
      const bound =
        issue.inclusive === false ? (isLower ? "more than" : "less than") : isLower ? "at least" : "at most";
      const unit = { string: " characters", array: " items", object: " keys" }[issue.origin as string];
      return unit ? `must have ${bound} ${limit}${unit}` : `must be ${bound} ${limit}`;
    }
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function articled(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: "a text",
    array: "a list",
    record: "an object",
    int: "a whole number",
  };
  return names[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
}

/** The keys of the object schemas at a path, through whatever wraps them. */
function knownKeys(schema: z.ZodType, segments: readonly PropertyKey[]): Set<string> {
  let objects = unwrap(schema);
  for (const segment of segments) {
    objects = objects.flatMap((found) => {
      if (found instanceof z.ZodObject) return unwrap(found.shape[String(segment)] as z.ZodType | undefined);
      if (found instanceof z.ZodArray) return unwrap(found.element as z.ZodType);
      return found instanceof z.ZodRecord ? unwrap(found.valueType as z.ZodType) : [];
    });
  }
  return new Set(objects.flatMap((found) => (found instanceof z.ZodObject ? Object.keys(found.shape) : [])));
}

function unwrap(schema: z.ZodType | undefined): z.ZodType[] {
  if (schema === undefined) return [];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrap(option as z.ZodType));
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  if (schema instanceof z.ZodLazy) return unwrap(schema.unwrap() as z.ZodType);
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? unwrap(innerType) : [schema];
}
