/** Runs in a process of its own: see sandbox.ts. */
import type { Expression } from "jsonata";
import { serve } from "../processes/index.ts";
import { evaluateExpression, parseExpression } from "./evaluator.ts";
import type { SandboxRequest } from "./sandbox.ts";

const MAX_CACHED_EXPRESSIONS = 500;
const expressions = new Map<string, Expression>();

function expressionFor(text: string): Expression {
  const cached = expressions.get(text);
  if (cached) return cached;
  if (expressions.size >= MAX_CACHED_EXPRESSIONS) expressions.clear();
  const expression = parseExpression(text);
  expressions.set(text, expression);
  return expression;
}

serve(({ text, input, variables }: SandboxRequest) => evaluateExpression(expressionFor(text), input, variables));
