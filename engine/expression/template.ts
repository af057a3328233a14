import type { Issue } from "../errors.ts";
import { isJsonObject, isPromise, type JsonValue, type MaybePromise } from "../json.ts";
import { memberPath } from "../json-path.ts";
import type { CompileOptions, StepReference, Template } from "./contract.ts";
import { type ExpressionContext, failed } from "./expression.ts";
import { createCompileEffort } from "./jsonata-expression.ts";
import { compilePlaceholder, PLACEHOLDER_START } from "./placeholder.ts";
import type { Scope } from "./scope.ts";

type Resolver = (scope: Scope) => MaybePromise<JsonValue>;

/**
 * Compiles a JSON value whose texts may hold `{{…}}`. A text that is one whole placeholder becomes its value, of any type;
 * inside other text it becomes text, everything but a text as JSON (null as `null`). Keys of objects are left alone.
 */
export function compileTemplate(source: JsonValue, options: CompileOptions): Template {
  const effort = options.effort ?? createCompileEffort();
  const references: StepReference[] = [];
  let usesEnv = false;

  /** Null: holds no placeholder, so that the source itself is the value. */
  function compile(value: JsonValue, path: string): Resolver | null {
    if (typeof value === "string") return value.includes(PLACEHOLDER_START) ? compileText(value, path) : null;
    if (Array.isArray(value)) {
      return compileMembers(
        value.map((member, index) => [index, compile(member, memberPath(path, index))] as const),
        () => [...value],
      );
    }
    if (!isJsonObject(value)) return null;
    return compileMembers(
      Object.entries(value).map(([key, member]) => [key, compile(member, memberPath(path, key))] as const),
      () => ({ ...value }),
    );
  }

  function compileText(text: string, path: string): Resolver {
    const parts: (string | Resolver)[] = [];
    const context: ExpressionContext = { options, effort, path };
    let position = 0;
    for (let start = text.indexOf(PLACEHOLDER_START); start !== -1; start = text.indexOf(PLACEHOLDER_START, position)) {
      const found = compilePlaceholder(text, start, context);
      if ("problem" in found) return broken({ path, message: found.problem }, options.issues);
      const { expression } = found;
      references.push(...expression.references);
      usesEnv ||= expression.usesEnv;
      if (start > position) parts.push(text.slice(position, start));
      parts.push((scope) => expression.evaluate(scope));
      position = found.end;
    }
    if (position < text.length) parts.push(text.slice(position));
    const [first] = parts;
    return parts.length === 1 && typeof first === "function" ? first : joinParts(parts);
  }

  const resolver = compile(source, options.path);
  return { resolve: resolver ?? (() => source), usesEnv, references };
}

/** Whether a text holds what would be read as a placeholder. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(PLACEHOLDER_START);
}

export function toText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function broken(issue: Issue, issues: Issue[]): () => never {
  issues.push(issue);
  return () => {
    throw failed(issue.path, issue.message);
  };
}

function compileMembers(
  members: readonly (readonly [string | number, Resolver | null])[],
  copy: () => Record<string | number, JsonValue> | JsonValue[],
): Resolver | null {
  const dynamic = members.filter((member): member is readonly [string | number, Resolver] => member[1] !== null);
  if (dynamic.length === 0) return null;
  return (scope) => {
    const result = copy() as Record<string | number, JsonValue>;
    const values = resolveAll(
      dynamic.map(([, resolve]) => resolve),
      scope,
    );
    const fill = (settled: readonly JsonValue[]) => {
      for (const [position, [key]] of dynamic.entries()) result[key] = settled[position]!;
      return result as JsonValue;
    };
    return isPromise(values) ? values.then(fill) : fill(values);
  };
}

function joinParts(parts: readonly (string | Resolver)[]): Resolver {
  const resolvers = parts.map((part): Resolver => (typeof part === "string" ? () => part : part));
  return (scope) => {
    const values = resolveAll(resolvers, scope);
    return isPromise(values) ? values.then(joinTexts) : joinTexts(values);
  };
}

function joinTexts(values: readonly JsonValue[]): string {
  return values.map(toText).join("");
}

function resolveAll(resolvers: readonly Resolver[], scope: Scope): MaybePromise<readonly JsonValue[]> {
  const values: MaybePromise<JsonValue>[] = [];
  try {
    for (const resolve of resolvers) values.push(resolve(scope));
  } catch (error) {
    // What was started before the failure must not surface as an unhandled rejection.
    void Promise.allSettled(values);
    throw error;
  }
  return values.some(isPromise) ? Promise.all(values) : (values as JsonValue[]);
}
