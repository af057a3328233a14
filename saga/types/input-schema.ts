import { z } from "zod";
import { DomainError, type Issue, isJsonObject, type JsonObject, type JsonValue } from "../../engine/index.ts";

/**
 * Of a client's schema: each is a way to make a check that does not end. A pattern of somebody else's would run on our
 * event loop, and a reference may go in a circle.
 */
const refused = new Set(["pattern", "patternProperties", "$ref", "$dynamicRef", "$recursiveRef"]);
const MAX_DEPTH = 16;

export interface InputSchema {
  /** @throws DomainError VALIDATION_FAILED with every broken rule and its path below `input_data`. */
  check(input: JsonObject): void;
}

/** `problems` when the schema itself cannot be used. */
export function compileInputSchema(schema: JsonObject, path: string): InputSchema | { problems: readonly Issue[] } {
  const problems: Issue[] = [];
  walk(schema, path, 0, problems);
  if (schema.type !== "object") problems.push({ path: `${path}.type`, message: 'must be "object"' });
  if (problems.length > 0) return { problems };
  try {
    const compiled = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    return {
      check: (input) => {
        const parsed = compiled.safeParse(input);
        if (!parsed.success) throw DomainError.invalid(parsed.error.issues.map(toIssue));
      },
    };
  } catch (error) {
    return { problems: [{ path, message: `cannot be used: ${error instanceof Error ? error.message : error}` }] };
  }
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return { path: `input_data${path}`, message: issue.message };
}

function walk(schema: JsonValue, path: string, depth: number, problems: Issue[]): void {
  if (depth > MAX_DEPTH) {
    problems.push({ path, message: `nests deeper than ${MAX_DEPTH} levels` });
    return;
  }
  if (Array.isArray(schema)) {
    for (const [i, member] of (schema as readonly JsonValue[]).entries())
      walk(member, `${path}[${i}]`, depth + 1, problems);
  }
  if (!isJsonObject(schema)) return;
  for (const [key, member] of Object.entries(schema)) {
    // Below `properties` the keys are names of the client's own.
    const isName = path.endsWith(".properties");
    if (!isName && refused.has(key)) problems.push({ path: `${path}.${key}`, message: "is not supported" });
    else if (key !== "enum" && key !== "const" && key !== "default" && key !== "examples") {
      walk(member, `${path}.${key}`, depth + 1, problems);
    }
  }
}
