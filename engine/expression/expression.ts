import type { JsonValue, MaybePromise } from "../json.ts";
import { StepError } from "../steps/step-error.ts";
import { isTruthy } from "./comparison.ts";
import type { CompileEffort, CompileOptions, ExpressionFacts } from "./contract.ts";
import { parseJsonata } from "./jsonata-expression.ts";
import { nearestName } from "./nearest-name.ts";
import { type OperandChain, parseOperandChain } from "./operand.ts";
import { explainMissing, isForbiddenName, type PlainPath, readPath } from "./path.ts";
import type { Scope } from "./scope.ts";

/** What stands between `{{` and `}}`, compiled. */
export interface Expression extends ExpressionFacts {
  /** Throws StepError VARIABLE_MISSING when it has no value. */
  evaluate(scope: Scope): MaybePromise<JsonValue>;
}

export interface ExpressionContext {
  readonly options: CompileOptions;
  readonly effort: CompileEffort;
  /** JSON path of the value that the expression stands in. */
  readonly path: string;
}

/** `problem` is a clause that follows "the expression …". */
export type Compiled = { readonly problem: string } | { readonly expression: Expression };

const commonRoots: readonly string[] = ["execution_id", "workflow_id", "trigger", "steps"];

export function compileExpression(text: string, context: ExpressionContext): Compiled {
  const chain = parseOperandChain(text);
  return chain ? compileChain(text.trim(), chain, context) : compileJsonata(text, [], context);
}

function compileChain(text: string, chain: OperandChain, context: ExpressionContext): Compiled {
  const paths = chain.operands.flatMap((operand) => (operand.kind === "path" ? [operand.path] : []));
  const [only] = paths;
  if (chain.operands.length === 1 && only?.root === "env") return compileEnv(text, only, context);
  for (const path of paths) {
    const forbidden = [path.root, ...path.segments].find((name) => typeof name === "string" && isForbiddenName(name));
    const problem = forbidden ? `may not read "${forbidden}"` : rootProblem(path.root, context.options);
    if (problem) return { problem };
  }
  const references = paths.flatMap(({ root, segments: [name] }) =>
    root === "steps" && typeof name === "string" ? [{ step: name, path: context.path }] : [],
  );
  const lastPath = paths.at(-1);
  const evaluate = (scope: Scope): JsonValue => {
    const value = readChain(chain, scope);
    if (value !== undefined) return value;
    throw missing(text, context.path, lastPath ? explainMissing(scope, lastPath) : "it has no value");
  };
  return { expression: { evaluate, usesEnv: false, references } };
}

function readChain({ operator, operands }: OperandChain, scope: Scope): JsonValue | undefined {
  let value: JsonValue | undefined;
  for (const operand of operands) {
    value = operand.kind === "literal" ? operand.value : readPath(scope, operand.path);
    if (value !== undefined && (operator !== "?:" || isTruthy(value))) return value;
  }
  return value;
}

function compileEnv(text: string, path: PlainPath, { options, path: where }: ExpressionContext): Compiled {
  const [name] = path.segments;
  if (path.segments.length !== 1 || typeof name !== "string") return { problem: "must have the form env.NAME" };
  if (!options.env.names.includes(name)) {
    const near = nearestName(name, options.env.names, options.issues.length);
    return { problem: `reads env.${name}, which is not on the allow-list${near ? `; did you mean env.${near}?` : ""}` };
  }
  const evaluate = (): JsonValue => {
    const value = options.env.get(name);
    if (value === undefined) throw missing(text, where, `the environment variable ${name} is not set`);
    return value;
  };
  return { expression: { evaluate, usesEnv: true, references: [] } };
}

/** A value that an expression sees as `$name`. */
export interface Variable {
  readonly name: string;
  readonly expression: Expression;
}

export function compileJsonata(text: string, variables: readonly Variable[], context: ExpressionContext): Compiled {
  const result = parseJsonata(text, context.effort);
  if ("problem" in result) return { problem: result.problem };
  const { facts, evaluate: run } = result.parsed;
  const problem = facts.problems[0] ?? rootsProblem(facts.roots, context.options);
  if (problem) return { problem };
  const usesEnv = variables.some(({ expression }) => expression.usesEnv);
  const evaluate = async (scope: Scope): Promise<JsonValue> => {
    const bindings: Record<string, JsonValue> = {};
    for (const { name, expression } of variables) bindings[name] = await expression.evaluate(scope);
    const reply = await run(scope, bindings);
    if (!reply.ok) {
      // jsonata quotes values in its messages.
      const why = usesEnv
        ? "its operands do not fit (values are withheld, as it reads the environment)"
        : reply.message;
      throw failed(context.path, why, reply.isTransient);
    }
    if (reply.value === undefined) throw missing(text.trim(), context.path, "it has no value");
    return reply.value;
  };
  const references = [
    ...[...facts.steps].map((step) => ({ step, path: context.path })),
    ...variables.flatMap(({ expression }) => expression.references),
  ];
  return { expression: { evaluate, usesEnv, references } };
}

function rootsProblem(roots: Iterable<string>, options: CompileOptions): string | null {
  for (const root of roots) {
    const problem = rootProblem(root, options);
    if (problem) return problem;
  }
  return null;
}

function rootProblem(root: string, options: CompileOptions): string | null {
  if (root === "env") return "may use env only as a placeholder of its own: {{env.NAME}}";
  const known = [...commonRoots, ...(options.locals ?? [])];
  if (known.includes(root) || (options.allowParameters ?? false)) return null;
  if (root === "item" || root === "index") return `reads ${root}, which exists inside for_each only`;
  if (root === "input" || root === "output") return `reads ${root}, which exists inside compensate only`;
  const near = nearestName(root, known, options.issues.length);
  return `reads the unknown name "${root}"; ${near ? `did you mean ${near}?` : `known are ${known.join(", ")}, env`}`;
}

function missing(variable: string, path: string, why: string): StepError {
  return new StepError("VARIABLE_MISSING", `{{${variable}}} in ${path} has no value: ${why}`, {
    retryable: false,
    details: { variable, path },
  });
}

export function failed(path: string, why: string, isTransient = false): StepError {
  return new StepError("EXPRESSION_FAILED", `The expression in ${path} failed: ${why}`, {
    retryable: isTransient,
    details: { path },
  });
}
