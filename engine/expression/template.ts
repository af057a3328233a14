import { type Issue, isPromise, type JsonValue, type MaybePromise, type Place, pathOf } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import type { CompileOptions, Filled, Reads, SecretRule, Template } from "./contract.ts";
import { type Expression, type ExpressionContext, failed } from "./expression.ts";
import { createCompileEffort } from "./jsonata-expression.ts";
import { MAX_RESULT_CHARACTERS } from "./limits.ts";
import { compilePlaceholder, PLACEHOLDER_START } from "./placeholder.ts";
import { MASK } from "./secret-mask.ts";
import { type UrlPart, urlJoiner } from "./url-text.ts";

/** What holds placeholders. Whatever is not among these is its own value. */
type Node =
  | { readonly kind: "value"; readonly expression: Expression }
  | {
      readonly kind: "text";
      readonly path: string;
      readonly parts: readonly (string | Expression)[];
      readonly join: JoinTexts;
    }
  | { readonly kind: "members"; readonly source: JsonValue; readonly members: readonly Member[] };

/** A key, or a position. */
type Member = readonly [string | number, Node];
type JoinTexts = (texts: readonly string[]) => string;

/**
 * Compiles a JSON value whose texts may hold `{{…}}`. A text that is one whole placeholder becomes its value, of any type;
 * inside other text it becomes text, everything but a text as JSON (null as `null`). Keys of objects are left alone.
 */
export function compileTemplate(source: JsonValue, options: CompileOptions): Template {
  const effort = options.effort ?? createCompileEffort();
  const reads: Reads[] = [];

  /** Null: holds no placeholder, so that the source itself is the value. */
  function compile(value: JsonValue, place: Place | null): Node | null {
    if (typeof value === "string") {
      return value.includes(PLACEHOLDER_START) ? compileText(value, pathOf(options.path, place)) : null;
    }
    if (typeof value !== "object" || value === null) return null;
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    const members: Member[] = [];
    for (const [key, member] of entries) {
      const node = compile(member, { parent: place, key });
      if (node) members.push([key, node]);
    }
    return members.length === 0 ? null : { kind: "members", source: value, members };
  }

  function compileText(text: string, path: string): Node {
    const parts: (string | Expression)[] = [];
    const urlParts: UrlPart[] = [];
    const isUrl = options.urls?.includes(path) ?? false;
    const context: ExpressionContext = { options, effort, path };
    let position = 0;
    const addText = (end: number): void => {
      if (end > position) urlParts.push(text.slice(position, end));
      if (end > position) parts.push(text.slice(position, end));
    };
    for (let start = text.indexOf(PLACEHOLDER_START); start !== -1; start = text.indexOf(PLACEHOLDER_START, position)) {
      const found = compilePlaceholder(text, start, context, isUrl);
      if ("problem" in found) return broken({ path, message: found.problem }, options.issues);
      reads.push(found.expression.reads);
      addText(start);
      parts.push(found.expression);
      urlParts.push(found);
      position = found.end;
    }
    addText(text.length);
    const [first] = parts;
    if (parts.length === 1 && typeof first === "object") return { kind: "value", expression: first };
    return { kind: "text", path, parts, join: isUrl ? urlJoiner(urlParts, path) : (texts) => texts.join("") };
  }

  const root = compile(source, null);
  if (!root) {
    const nothing = { value: source, shown: source, hidden: [] };
    return { path: options.path, reads, resolve: () => source, resolveHiding: async () => nothing };
  }
  return {
    path: options.path,
    reads,
    resolve: (bindings) => resolve(root, bindings),
    resolveHiding: (bindings, isSecret) => resolveHiding(root, bindings, isSecret),
  };
}

/** Whether a text holds what would be read as a placeholder. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(PLACEHOLDER_START);
}

export function toText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a text is put together from. Many times a large value, which a short definition may ask for, is more than a string holds. */
function toTexts(values: readonly JsonValue[], path: string): string[] {
  let length = 0;
  return values.map((value) => {
    const text = toText(value);
    length += text.length;
    if (length > MAX_RESULT_CHARACTERS) {
      throw failed(path, `it makes a text of more than ${MAX_RESULT_CHARACTERS} characters`);
    }
    return text;
  });
}

function broken(issue: Issue, issues: Issue[]): Node {
  issues.push(issue);
  const reads = { path: issue.path, env: [], steps: [], anyStep: false, roots: [] };
  const evaluate = (): never => {
    throw failed(issue.path, issue.message);
  };
  return { kind: "value", expression: { evaluate, reads, isUrlEncoded: false } };
}

function resolve(node: Node, bindings: Bindings): MaybePromise<JsonValue> {
  if (node.kind === "value") return node.expression.evaluate(bindings);
  const values =
    node.kind === "text"
      ? resolveAll(node.parts, resolvePart, bindings)
      : resolveAll(node.members, resolveMember, bindings);
  return isPromise(values) ? values.then((settled) => finish(node, settled)) : finish(node, values);
}

function resolvePart(part: string | Expression, bindings: Bindings): MaybePromise<JsonValue> {
  return typeof part === "string" ? part : part.evaluate(bindings);
}

function resolveMember([, member]: Member, bindings: Bindings): MaybePromise<JsonValue> {
  return resolve(member, bindings);
}

function finish(node: Exclude<Node, { kind: "value" }>, values: readonly JsonValue[]): JsonValue {
  return node.kind === "text" ? node.join(toTexts(values, node.path)) : assemble(node, values);
}

function assemble({ source, members }: Node & { kind: "members" }, values: readonly JsonValue[]): JsonValue {
  const result = (Array.isArray(source) ? [...source] : { ...(source as object) }) as Record<string, JsonValue>;
  for (let i = 0; i < members.length; i++) result[members[i]![0]] = values[i]!;
  return result;
}

function resolveAll<Part>(
  parts: readonly Part[],
  evaluate: (part: Part, bindings: Bindings) => MaybePromise<JsonValue>,
  bindings: Bindings,
): MaybePromise<readonly JsonValue[]> {
  const values: MaybePromise<JsonValue>[] = [];
  try {
    for (const part of parts) values.push(evaluate(part, bindings));
  } catch (error) {
    // What was started before the failure must not surface as an unhandled rejection.
    void Promise.allSettled(values);
    throw error;
  }
  return values.some(isPromise) ? Promise.all(values) : (values as JsonValue[]);
}

/** One after the other: few configs have secrets, and those go out over the network. */
async function resolveHiding(node: Node, bindings: Bindings, isSecret: SecretRule): Promise<Filled> {
  if (node.kind === "value") {
    const value = await node.expression.evaluate(bindings);
    return isSecret(node.expression.reads) ? { value, shown: MASK, hidden: [value] } : open(value);
  }
  if (node.kind === "members") {
    const filled: Filled[] = [];
    for (const [, member] of node.members) filled.push(await resolveHiding(member, bindings, isSecret));
    return {
      value: assemble(
        node,
        filled.map(({ value }) => value),
      ),
      shown: assemble(
        node,
        filled.map(({ shown }) => shown),
      ),
      hidden: filled.flatMap(({ hidden }) => hidden),
    };
  }
  const filled: Filled[] = [];
  for (const part of node.parts) {
    const whole: Node | null = typeof part === "string" ? null : { kind: "value", expression: part };
    filled.push(whole ? await resolveHiding(whole, bindings, isSecret) : open(part as string));
  }
  return {
    value: node.join(
      toTexts(
        filled.map(({ value }) => value),
        node.path,
      ),
    ),
    shown: node.join(
      toTexts(
        filled.map(({ shown }) => shown),
        node.path,
      ),
    ),
    hidden: filled.flatMap(({ hidden }) => hidden),
  };
}

function open(value: JsonValue): Filled {
  return { value, shown: value, hidden: [] };
}
