import { type Compiled, compileExpression, type Expression, type ExpressionContext } from "./expression.ts";

export const PLACEHOLDER_START = "{{";
const PLACEHOLDER_END = "}}";

/** Enough for objects nested this deep, or this many closing braces inside texts. */
const MAX_END_CANDIDATES = 24;

/** `{{raw steps.a.path}}` in a URL: the value is put there as it is. No expression of JSONata begins like this. */
const rawWord = /^\s*raw\s+(?!(?:and|or|in)\b)(?=[\p{L}_$"'`([{])/u;

export type FoundPlaceholder =
  | { readonly problem: string }
  | { readonly expression: Expression; readonly end: number; readonly isRaw: boolean };

/**
 * Compiles the placeholder whose `{{` stands at `start`. An expression may itself hold `}}` (in a text, or closing
 * objects), so it ends at the first `}}` that leaves a readable expression before it.
 */
export function compilePlaceholder(
  text: string,
  start: number,
  context: ExpressionContext,
  isUrl = false,
): FoundPlaceholder {
  const from = start + PLACEHOLDER_START.length;
  let firstProblem: string | null = null;
  let end = text.indexOf(PLACEHOLDER_END, from);
  for (let tried = 0; end !== -1 && tried < MAX_END_CANDIDATES; tried++) {
    const source = text.slice(from, end);
    const word = isUrl ? rawWord.exec(source) : null;
    const inner = word ? source.slice(word[0].length) : source;
    const compiled: Compiled = source.trim() === "" ? { problem: "is empty" } : compileExpression(inner, context);
    if ("expression" in compiled) {
      const { expression } = compiled;
      return { expression, end: end + PLACEHOLDER_END.length, isRaw: word !== null || expression.isUrlEncoded };
    }
    firstProblem ??= `the expression {{${shorten(source)}}} ${compiled.problem}${hint(source)}`;
    // Only what cannot be read may go on; anything else is complete, and refused.
    if (!compiled.problem.startsWith("cannot be read")) break;
    end = text.indexOf(PLACEHOLDER_END, end + 1);
  }
  return { problem: firstProblem ?? `the placeholder ${shorten(text.slice(start))} is not closed with }}` };
}

const MAX_SHOWN_LENGTH = 80;

function shorten(text: string): string {
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function hint(source: string): string {
  return /\|\s*default\b/.test(source) ? " (a fallback is written {{x ?? value}})" : "";
}
