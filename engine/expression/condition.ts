import { isJsonObject, isPromise, type JsonValue, type MaybePromise } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import { ComparisonError, isEqual, isTruthy, order } from "./comparison.ts";
import { compileConditionObject } from "./condition-object.ts";
import { type ConditionSyntax, parseConditionSyntax } from "./condition-syntax.ts";
import type { CompileOptions, Condition } from "./contract.ts";
import { compileJsonata, type Expression, type ExpressionContext, failed } from "./expression.ts";
import { createCompileEffort } from "./jsonata-expression.ts";
import { MAX_CONDITION_LENGTH } from "./limits.ts";
import { parseLiteral } from "./operand.ts";

/**
 * Compiles a condition: a boolean, a text such as `{{steps.a.count}} > 10 && {{trigger.kind}} == 'x'`, or the older
 * `{type, left, right}`. All placeholders of a text are filled in before it is evaluated.
 * Text compares with text and number with number: `==` of different kinds is false, an order of them is an error.
 */
export function compileCondition(source: JsonValue, options: CompileOptions): Condition {
  const condition = compile(source, options);
  if (!condition) {
    return { evaluate: () => Promise.reject(failed(options.path, "it was refused")), reads: [] };
  }
  return { ...condition, evaluate: (bindings) => named(() => condition.evaluate(bindings), options.path) };
}

function compile(source: JsonValue, options: CompileOptions): Condition | null {
  if (typeof source === "boolean") return { evaluate: () => source, reads: [] };
  if (isJsonObject(source)) return compileConditionObject(source, options);
  if (typeof source === "string") return compileConditionText(source, options);
  options.issues.push({
    path: options.path,
    message: "must be a condition: a text such as {{steps.a.count}} > 10, a boolean, or {type, left, right}",
  });
  return null;
}

function compileConditionText(source: string, options: CompileOptions): Condition | null {
  if (source.length > MAX_CONDITION_LENGTH) {
    options.issues.push({ path: options.path, message: `must have at most ${MAX_CONDITION_LENGTH} characters` });
    return null;
  }
  const effort = options.effort ?? createCompileEffort();
  const context: ExpressionContext = { options, effort, path: options.path };
  const syntax = source.trim() === "" ? { problem: "the condition is empty" } : parseConditionSyntax(source, context);
  if ("problem" in syntax) {
    options.issues.push({ path: options.path, message: syntax.problem });
    return null;
  }
  const reads = syntax.variables.map(({ expression }) => expression.reads);
  const quick = compileQuick(syntax);
  if (quick) return { reads, evaluate: quick };
  const compiled = compileJsonata(syntax.text, syntax.variables, context);
  if ("problem" in compiled) {
    options.issues.push({ path: options.path, message: `the condition ${compiled.problem}` });
    return null;
  }
  const { expression } = compiled;
  return {
    reads: [expression.reads],
    evaluate: (bindings) => map(expression.evaluate(bindings), isTruthy),
  };
}

type Operand = (bindings: Bindings) => MaybePromise<JsonValue>;

const comparisons: { readonly [operator: string]: (left: JsonValue, right: JsonValue) => boolean } = {
  "=": isEqual,
  "!=": (left, right) => !isEqual(left, right),
  "<": (left, right) => order(left, right) < 0,
  "<=": (left, right) => order(left, right) <= 0,
  ">": (left, right) => order(left, right) > 0,
  ">=": (left, right) => order(left, right) >= 0,
};

/** One placeholder, or one comparison of placeholders and literals: most conditions, and no work for jsonata. */
function compileQuick({ text, variables }: ConditionSyntax): Condition["evaluate"] | null {
  const single = quickOperand(text, variables);
  if (single) return (bindings) => map(single(bindings), isTruthy);
  const match = /^(.+?)(!=|<=|>=|=|<|>)(.+)$/s.exec(text);
  if (!match) return null;
  const left = quickOperand(match[1]!, variables);
  const right = quickOperand(match[3]!, variables);
  const verdict = comparisons[match[2]!]!;
  if (!left || !right) return null;
  return (bindings) => {
    const a = left(bindings);
    if (isPromise(a)) return a.then(async (value) => verdict(value, await right(bindings)));
    return map(right(bindings), (b) => verdict(a, b));
  };
}

function quickOperand(text: string, variables: readonly { name: string; expression: Expression }[]): Operand | null {
  const trimmed = text.trim();
  const variable = variables.find(({ name }) => trimmed === `$${name}`);
  if (variable) return (bindings) => variable.expression.evaluate(bindings);
  const literal = parseLiteral(trimmed);
  return literal === undefined ? null : () => literal;
}

function named(evaluate: () => MaybePromise<boolean>, path: string): MaybePromise<boolean> {
  const rename = (error: unknown): never => {
    throw error instanceof ComparisonError ? failed(path, error.message) : error;
  };
  try {
    const verdict = evaluate();
    return isPromise(verdict) ? verdict.catch(rename) : verdict;
  } catch (error) {
    return rename(error);
  }
}

function map<T, R>(value: MaybePromise<T>, change: (value: T) => R): MaybePromise<R> {
  return isPromise(value) ? value.then(change) : change(value);
}
