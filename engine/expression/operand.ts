import type { JsonValue } from "../model/index.ts";
import { type PlainPath, parsePlainPath } from "./path.ts";

/** What needs no jsonata: a literal or a plain path. */
type Operand =
  | { readonly kind: "literal"; readonly value: JsonValue }
  | { readonly kind: "path"; readonly path: PlainPath };

/** Operands joined by one operator that falls back from left to right. */
export interface OperandChain {
  readonly operator: "??" | "?:" | null;
  readonly operands: readonly Operand[];
}

// A text with a backslash is left to jsonata, which knows the escapes.
const literalPattern = /(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)|"([^"\\]*)"|'([^'\\]*)'|(true|false|null)\b/y;
const spacePattern = /[ \t\n\r\v]*/y;

/** Reads the whole of `text` as operands; null when it is anything more. */
export function parseOperandChain(text: string): OperandChain | null {
  const operands: Operand[] = [];
  let operator: OperandChain["operator"] = null;
  let position = 0;
  for (;;) {
    const next = parseOperand(text, skipSpace(text, position));
    if (!next) return null;
    operands.push(next.operand);
    position = skipSpace(text, next.end);
    if (position === text.length) return { operator, operands };
    const found = text.startsWith("??", position) ? "??" : text.startsWith("?:", position) ? "?:" : null;
    // A mixture has rules of precedence, which are jsonata's business.
    if (found === null || (operator !== null && operator !== found)) return null;
    operator = found;
    position += 2;
  }
}

/** A literal that is the whole of `text`; undefined when it is not one. */
export function parseLiteral(text: string): JsonValue | undefined {
  const operand = parseOperand(text, 0);
  return operand?.operand.kind === "literal" && operand.end === text.length ? operand.operand.value : undefined;
}

function parseOperand(text: string, start: number): { operand: Operand; end: number } | null {
  literalPattern.lastIndex = start;
  const match = literalPattern.exec(text);
  if (match) {
    const [, number, double, single, word] = match;
    const value = number !== undefined ? Number(number) : word !== undefined ? JSON.parse(word) : (double ?? single!);
    const end = literalPattern.lastIndex;
    const follows = text[end];
    const isWhole = follows === undefined || !/[\w.[`-]/.test(follows);
    const isCarried = typeof value !== "number" || Number.isFinite(value);
    return isWhole && isCarried ? { operand: { kind: "literal", value }, end } : null;
  }
  const parsed = parsePlainPath(text, start);
  return parsed && { operand: { kind: "path", path: parsed.path }, end: parsed.end };
}

function skipSpace(text: string, start: number): number {
  spacePattern.lastIndex = start;
  spacePattern.exec(text);
  return spacePattern.lastIndex;
}
