import type { Expression as JsonataExpression } from "jsonata";
import type { JsonValue } from "../json.ts";
import type { CompileEffort } from "./contract.ts";
import { describeFailure, type EvaluationReply, evaluateExpression, parseExpression } from "./evaluator.ts";
import { type AstFacts, type AstNode, analyseAst } from "./jsonata-ast.ts";
import { MAX_DEFINITION_EFFORT, MAX_EXPRESSION_EFFORT, MAX_EXPRESSION_LENGTH, PARSE_EFFORT } from "./limits.ts";
import { evaluateInSandbox } from "./sandbox.ts";
import type { Scope } from "./scope.ts";

/** One for everything that is compiled for one definition. */
export function createCompileEffort(): CompileEffort {
  return { remaining: MAX_DEFINITION_EFFORT };
}

export interface ParsedJsonata {
  readonly facts: AstFacts;
  evaluate(scope: Scope, variables: Readonly<Record<string, JsonValue>>): Promise<EvaluationReply>;
}

/** The problem as a clause that follows "the expression …", or what was parsed. */
export function parseJsonata(text: string, effort: CompileEffort): { problem: string } | { parsed: ParsedJsonata } {
  if (text.length > MAX_EXPRESSION_LENGTH) return { problem: `has more than ${MAX_EXPRESSION_LENGTH} characters` };
  const fallbacks = text.split(/\?\?|\?:/).length - 1;
  const cost = text.length * 2 ** fallbacks;
  if (cost > MAX_EXPRESSION_EFFORT) return { problem: `has too many ?? or ?: (${fallbacks})` };
  effort.remaining -= cost + PARSE_EFFORT;
  if (effort.remaining < 0)
    return { problem: "is one too many: the expressions of the definition are too long together" };
  try {
    const expression = parseExpression(text);
    const facts = analyseAst(expression.ast() as unknown as AstNode, text);
    return { parsed: { facts, evaluate: evaluator(text, expression, facts) } };
  } catch (error) {
    return { problem: `cannot be read: ${describeFailure(error)}` };
  }
}

function evaluator(text: string, expression: JsonataExpression, facts: AstFacts): ParsedJsonata["evaluate"] {
  if (facts.isBounded) return (scope, variables) => evaluateExpression(expression, scope, variables);
  return (scope, variables) => evaluateInSandbox({ text, input: narrow(scope, facts), variables });
}

/** Only what the expression reads goes over to the sandbox. */
function narrow(scope: Scope, facts: AstFacts): unknown {
  if (!facts.rootsAreKnown) return scope;
  const input: Record<string, unknown> = {};
  for (const root of facts.roots) {
    if (Object.hasOwn(scope, root)) input[root] = scope[root as keyof Scope];
  }
  if (facts.stepsAreKnown && "steps" in input) {
    const read = Object.entries(scope.steps).filter(([name]) => facts.steps.has(name));
    input.steps = Object.fromEntries(read);
  }
  return input;
}
