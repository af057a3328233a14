import type { Expression as JsonataExpression } from "jsonata";
import type { JsonValue } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import type { CompileEffort } from "./contract.ts";
import { describeFailure, type EvaluationReply, evaluateExpression, parseExpression } from "./evaluator.ts";
import { type AstFacts, type AstNode, analyseAst } from "./jsonata-ast.ts";
import {
  DOTS_PER_EFFORT,
  MAX_DEFINITION_EFFORT,
  MAX_EXPRESSION_EFFORT,
  MAX_EXPRESSION_LENGTH,
  MAX_REGEX_NODES,
  PARSE_EFFORT,
  REGEX_NODE_EFFORT,
} from "./limits.ts";
import { evaluateInSandbox } from "./sandbox.ts";

export const TOO_MUCH = "is one too many: the expressions of the definition are too long together";

/** One for everything that is compiled for one definition. */
export function createCompileEffort(): CompileEffort {
  return { remaining: MAX_DEFINITION_EFFORT };
}

export interface ParsedJsonata {
  readonly facts: AstFacts;
  /** Over any input, as a whole. */
  evaluate(
    input: unknown,
    variables?: Readonly<Record<string, JsonValue>>,
    workflowId?: number,
  ): Promise<EvaluationReply>;
}

/** The problem as a clause that follows "the expression …", or what was parsed. */
export function parseJsonata(text: string, effort: CompileEffort): { problem: string } | { parsed: ParsedJsonata } {
  if (text.length > MAX_EXPRESSION_LENGTH) return { problem: `has more than ${MAX_EXPRESSION_LENGTH} characters` };
  const fallbacks = text.split(/\?\?|\?:/).length - 1;
  const dots = text.split(".").length - 1;
  const cost = (text.length + dots ** 2 / DOTS_PER_EFFORT) * 2 ** fallbacks;
  if (cost > MAX_EXPRESSION_EFFORT) {
    return { problem: fallbacks > 0 ? `has too many ?? or ?: (${fallbacks})` : `has too many dots (${dots})` };
  }
  effort.remaining -= cost + PARSE_EFFORT;
  if (effort.remaining < 0) return { problem: TOO_MUCH };
  try {
    const expression = parseExpression(text);
    const facts = analyseAst(expression.ast() as unknown as AstNode, text);
    effort.remaining -= Math.min(facts.regexNodes, MAX_REGEX_NODES) * REGEX_NODE_EFFORT;
    return { parsed: { facts, evaluate: evaluator(text, expression, facts.isBounded) } };
  } catch (error) {
    return { problem: `cannot be read: ${describeFailure(error)}` };
  }
}

function evaluator(text: string, expression: JsonataExpression, isBounded: boolean): ParsedJsonata["evaluate"] {
  if (isBounded) return (input, variables = {}) => evaluateExpression(expression, input, variables);
  return (input, variables = {}, owner) => evaluateInSandbox({ text, input, variables }, owner);
}

/**
 * The part of a bindings that an expression may read by its facts. It is given nothing else, so that they hold, whatever it
 * does. `env`: the variables that it names.
 */
export function narrow(bindings: Bindings, env: Readonly<Record<string, string>>, facts: AstFacts): unknown {
  const variables = facts.env.size > 0 ? { env } : {};
  if (!facts.rootsAreKnown) return { ...bindings, ...variables };
  const input: Record<string, unknown> = variables;
  for (const root of facts.roots) {
    if (root !== "env" && Object.hasOwn(bindings, root)) input[root] = bindings[root as keyof Bindings];
  }
  if (facts.stepsAreKnown && "steps" in input) {
    const read = [...facts.steps].filter((name) => Object.hasOwn(bindings.steps, name));
    input.steps = Object.fromEntries(read.map((name) => [name, bindings.steps[name]]));
  }
  return input;
}
