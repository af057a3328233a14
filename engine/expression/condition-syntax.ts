import { isPromise } from "../model/index.ts";
import type { Expression, ExpressionContext, Variable } from "./expression.ts";
import { compilePlaceholder, PLACEHOLDER_START } from "./placeholder.ts";
import { mergeReads } from "./reads.ts";
import { compileTemplate, toText } from "./template.ts";

/** A condition in which every placeholder became a variable: its value is never read as an expression. */
export interface ConditionSyntax {
  readonly text: string;
  readonly variables: readonly Variable[];
}

const operators: ReadonlyMap<string, string> = new Map([
  ["===", "="],
  ["==", "="],
  ["!==", "!="],
  ["&&", " and "],
  ["||", " or "],
]);
const operatorPattern = /===|!==|==|&&|\|\||!=|<=|>=|:=/y;
/** Enough to see whether an operand is expected. */
const TAIL_LENGTH = 16;
const regexPattern = /\/(?:[^/\\]|\\.)+\/[im]*/y;

/**
 * Translates JavaScript's operators into jsonata's, outside of texts, quoted names and regular expressions.
 * One pass, linear in the source.
 */
export function parseConditionSyntax(
  source: string,
  context: ExpressionContext,
): ConditionSyntax | { readonly problem: string } {
  const variables: Variable[] = [];
  let text = "";
  /** The end of `text`. Asking `text` itself would copy it, once for each slash. */
  let tail = "";
  let position = 0;

  function write(part: string): void {
    text += part;
    tail = (tail + part.slice(-TAIL_LENGTH)).slice(-TAIL_LENGTH);
  }

  function bind(expression: Expression): void {
    const name = `p${variables.length}`;
    variables.push({ name, expression });
    write(` $${name} `);
  }

  while (position < source.length) {
    const character = source[position]!;
    if (source.startsWith(PLACEHOLDER_START, position)) {
      const found = compilePlaceholder(source, position, context);
      if ("problem" in found) return found;
      bind(found.expression);
      position = found.end;
    } else if (character === '"' || character === "'" || character === "`") {
      const end = findQuoteEnd(source, position, context);
      if (typeof end !== "number") return end;
      const content = source.slice(position + 1, end);
      if (character !== "`" && content.includes(PLACEHOLDER_START)) {
        if (content.includes("\\"))
          return { problem: "a quoted text that holds a placeholder cannot hold a backslash" };
        bind(textExpression(content, context));
      } else {
        write(source.slice(position, end + 1));
      }
      position = end + 1;
    } else {
      const token = readToken(source, position, tail);
      write(operators.get(token) ?? token);
      position += token.length;
    }
  }
  return { text: text.trim(), variables };
}

/** The position of the closing quote. Quotes inside of a placeholder do not count. */
function findQuoteEnd(source: string, start: number, context: ExpressionContext): number | { problem: string } {
  const quote = source[start]!;
  let position = start + 1;
  while (position < source.length) {
    if (source[position] === quote) return position;
    if (quote !== "`" && source.startsWith(PLACEHOLDER_START, position)) {
      const found = compilePlaceholder(source, position, context);
      if ("problem" in found) return found;
      position = found.end;
    } else {
      position += source[position] === "\\" && quote !== "`" ? 2 : 1;
    }
  }
  return { problem: `the quoted text ${source.slice(start, start + 40)} is not closed` };
}

/** `'{{x}}'` and `'a {{x}}'` are texts, as in a config, though the first has no text around its placeholder. */
function textExpression(content: string, context: ExpressionContext): Expression {
  const template = compileTemplate(content, { ...context.options, path: context.path, effort: context.effort });
  return {
    evaluate: (bindings) => {
      const value = template.resolve(bindings);
      return isPromise(value) ? value.then(toText) : toText(value);
    },
    reads: mergeReads(context.path, template.reads),
    isUrlEncoded: false,
  };
}

/** `before`: the end of what was written. */
function readToken(source: string, position: number, before: string): string {
  operatorPattern.lastIndex = position;
  const operator = operatorPattern.exec(source)?.[0];
  if (operator) return operator;
  // A slash starts a regular expression where an operand is expected, and divides elsewhere.
  if (source[position] === "/" && /(^|[(,=<>&|?:[{]|\b(and|or|in))\s*$/.test(before)) {
    regexPattern.lastIndex = position;
    return regexPattern.exec(source)?.[0] ?? "/";
  }
  return source[position]!;
}
