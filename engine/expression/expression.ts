import { type JsonValue, type MaybePromise, nearestName, StepError } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import { isTruthy } from "./comparison.ts";
import type { CompileEffort, CompileOptions, Reads } from "./contract.ts";
import type { AstFacts } from "./jsonata-ast.ts";
import { narrow, parseJsonata, TOO_MUCH } from "./jsonata-expression.ts";
import { MAX_EXPRESSION_LENGTH, PLAIN_EFFORT } from "./limits.ts";
import { type OperandChain, parseOperandChain } from "./operand.ts";
import { explainMissing, isForbiddenName, type PlainPath, readPath } from "./path.ts";
import { mergeReads } from "./reads.ts";

/** What stands between `{{` and `}}`, compiled. */
export interface Expression {
  readonly reads: Reads;
  /** Its value is the result of a function that encodes for URLs. */
  readonly isUrlEncoded: boolean;
  /** Throws StepError VARIABLE_MISSING when it has no value. */
  evaluate(bindings: Bindings): MaybePromise<JsonValue>;
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
  if (text.length > MAX_EXPRESSION_LENGTH) return { problem: `has more than ${MAX_EXPRESSION_LENGTH} characters` };
  const chain = parseOperandChain(text);
  if (chain) context.effort.remaining -= chain.operands.length * PLAIN_EFFORT;
  if (context.effort.remaining < 0) return { problem: TOO_MUCH };
  return chain ? compileChain(text.trim(), chain, context) : compileJsonata(text, [], context);
}

function compileChain(text: string, chain: OperandChain, context: ExpressionContext): Compiled {
  const { env } = context.options;
  const paths = chain.operands.flatMap((operand) => (operand.kind === "path" ? [operand.path] : []));
  for (const path of paths) {
    const forbidden = [path.root, ...path.segments].find((name) => typeof name === "string" && isForbiddenName(name));
    const problem = forbidden ? `may not read "${forbidden}"` : pathProblem(path, context.options);
    if (problem) return { problem };
  }
  const lastPath = paths.at(-1);
  const evaluate = (bindings: Bindings): JsonValue => {
    const value = readChain(chain, bindings, env.get);
    if (value !== undefined) return value;
    throw missing(text, context.path, lastPath ? whyMissing(bindings, lastPath) : "it has no value");
  };
  return { expression: { evaluate, reads: readsOf(paths, context.path), isUrlEncoded: false } };
}

function readsOf(paths: readonly PlainPath[], path: string): Reads {
  const names = (root: string): string[] =>
    paths.flatMap((one) => (one.root === root && typeof one.segments[0] === "string" ? [one.segments[0]] : []));
  return {
    path,
    env: names("env"),
    steps: names("steps"),
    anyStep: paths.some(({ root, segments: [name] }) => root === "steps" && typeof name !== "string"),
    roots: paths.map(({ root }) => root),
  };
}

function readChain(
  { operator, operands }: OperandChain,
  bindings: Bindings,
  variable: (name: string) => string | undefined,
): JsonValue | undefined {
  let value: JsonValue | undefined;
  for (const operand of operands) {
    if (operand.kind === "literal") value = operand.value;
    else if (operand.path.root === "env") value = variable(operand.path.segments[0] as string);
    else value = readPath(bindings, operand.path);
    if (value !== undefined && (operator !== "?:" || isTruthy(value))) return value;
  }
  return value;
}

function pathProblem({ root, segments }: PlainPath, options: CompileOptions): string | null {
  if (root !== "env") return rootProblem(root, options);
  const [name] = segments;
  if (segments.length !== 1 || typeof name !== "string") return "must have the form env.NAME";
  return variableProblem(name, options);
}

function whyMissing(bindings: Bindings, path: PlainPath): string {
  return path.root === "env"
    ? `the environment variable ${path.segments[0]} is not set`
    : explainMissing(bindings, path);
}

function variableProblem(name: string, { env, issues }: CompileOptions): string | null {
  if (env.names.includes(name)) return null;
  const near = nearestName(name, env.names, issues.length);
  return `reads env.${name}, which is not on the allow-list${near ? `; did you mean env.${near}?` : ""}`;
}

/** A value that an expression sees as `$name`. */
export interface Variable {
  readonly name: string;
  readonly expression: Expression;
}

export function compileJsonata(text: string, variables: readonly Variable[], context: ExpressionContext): Compiled {
  const { options, path } = context;
  const result = parseJsonata(text, context.effort);
  if ("problem" in result) return { problem: result.problem };
  const { facts, evaluate: run } = result.parsed;
  const problem = facts.problems[0] ?? rootsProblem(facts.roots, options) ?? variablesProblem(facts, options);
  if (problem) return { problem };
  const own: Reads = {
    path,
    env: [...facts.env],
    steps: [...facts.steps],
    anyStep: !facts.stepsAreKnown,
    roots: facts.rootsAreKnown ? [...facts.roots] : [...facts.roots, ...commonRoots, ...(options.locals ?? [])],
  };
  const reads = mergeReads(path, [own, ...variables.map(({ expression }) => expression.reads)]);
  const evaluate = async (bindings: Bindings): Promise<JsonValue> => {
    const values: Record<string, JsonValue> = {};
    for (const { name, expression } of variables) values[name] = await expression.evaluate(bindings);
    const reply = await run(narrow(bindings, variablesOf(facts.env, options), facts), values, bindings.workflow_id);
    if (!reply.ok) {
      // jsonata quotes values in its messages.
      const why =
        reads.env.length > 0
          ? "its operands do not fit (values are withheld, as it reads the environment)"
          : reply.message;
      throw failed(path, why, reply.isTransient);
    }
    if (reply.value === undefined) throw missing(text.trim(), path, "it has no value");
    return reply.value;
  };
  return { expression: { evaluate, reads, isUrlEncoded: facts.isUrlEncoded } };
}

function variablesProblem({ env: names, envIsKnown }: AstFacts, options: CompileOptions): string | null {
  if (!envIsKnown) return "must read a variable of the environment by its name: env.NAME";
  for (const name of names) {
    const problem = variableProblem(name, options);
    if (problem) return problem;
  }
  return null;
}

/** The variables that an expression names, and no other. */
function variablesOf(names: ReadonlySet<string>, { env }: CompileOptions): Readonly<Record<string, string>> {
  const values = [...names].map((name) => [name, env.get(name)] as const);
  return Object.fromEntries(values.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

function rootsProblem(roots: Iterable<string>, options: CompileOptions): string | null {
  for (const root of roots) {
    const problem = rootProblem(root, options);
    if (problem) return problem;
  }
  return null;
}

function rootProblem(root: string, options: CompileOptions): string | null {
  if (root === "env") return null;
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
