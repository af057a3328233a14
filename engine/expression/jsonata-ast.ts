import { MAX_REGEX_NODES } from "./limits.ts";
import { isForbiddenName } from "./path.ts";
import { countNodes, regexProblem } from "./regex-engine.ts";

/** A node as jsonata's parser makes it; its published types leave most of it out. */
export interface AstNode {
  readonly type?: string;
  readonly value?: unknown;
  readonly [key: string]: unknown;
}

export interface AstFacts {
  /** Names that are read from the top of the bindings. */
  readonly roots: ReadonlySet<string>;
  /** Names of steps that are written out. */
  readonly steps: ReadonlySet<string>;
  /** Names that are read of `env`. */
  readonly env: ReadonlySet<string>;
  /** False when `env` is read as a whole, or a name of it that is made at run time. */
  readonly envIsKnown: boolean;
  /** False when others are chosen at run time (`steps.*`, `$lookup(steps, …)`), so that `steps` is not all. */
  readonly stepsAreKnown: boolean;
  /** False when the top of the bindings is read as a whole (`$`, `**`), so that `roots` is not all. */
  readonly rootsAreKnown: boolean;
  /** What may not be written, each as a clause that follows "the expression …". */
  readonly problems: readonly string[];
  /** True when its cost and its result are bounded by the data it reads: no loops, functions or growing texts. */
  readonly isBounded: boolean;
  /** True when its value is what `$encodeUrlComponent` or `$encodeUrl` returns. */
  readonly isUrlEncoded: boolean;
  /** Of all its regular expressions; see limits.ts. */
  readonly regexNodes: number;
}

/** Functions whose time and result are at most in proportion to their arguments, and that jsonata runs without loops. */
const boundedFunctions: ReadonlySet<string> = new Set([
  ...["sum", "count", "max", "min", "average", "floor", "ceil", "round", "abs", "sqrt", "number"],
  ...["boolean", "not", "exists", "type", "now", "millis"],
  ...["uppercase", "lowercase", "trim", "substring", "substringBefore", "substringAfter", "contains", "hash", "hmac"],
]);

const boundedTypes: ReadonlySet<string> = new Set([
  ...["path", "name", "string", "number", "value", "variable", "binary", "condition", "function", "filter"],
]);

/** A bounded expression is also short: each `&` may repeat a long text once. */
const MAX_BOUNDED_LENGTH = 256;

/** Parts of a node that are evaluated on something else than the top of the bindings. */
const innerKeys: ReadonlySet<string> = new Set([
  "predicate",
  "stages",
  "group",
  "terms",
  "pattern",
  "update",
  "delete",
]);

export function analyseAst(ast: AstNode, text: string): AstFacts {
  const facts = new FactFinder(text.length <= MAX_BOUNDED_LENGTH);
  facts.visit(ast, true);
  return { ...facts.found(), isUrlEncoded: isCallOf(ast, ["encodeUrlComponent", "encodeUrl"]) };
}

/** Goes through a syntax tree once. */
class FactFinder {
  private readonly roots = new Set<string>();
  private readonly steps = new Set<string>();
  private readonly env = new Set<string>();
  private readonly problems = new Set<string>();
  private readonly seen = new Set<unknown>();
  private stepsAreKnown = true;
  private envIsKnown = true;
  private rootsAreKnown = true;
  private regexNodes = 0;

  constructor(private isBounded: boolean) {}

  found(): Omit<AstFacts, "isUrlEncoded"> {
    const { roots, steps, env, problems, envIsKnown, rootsAreKnown, isBounded, regexNodes } = this;
    const stepsAreKnown = this.stepsAreKnown && rootsAreKnown;
    const known = { stepsAreKnown, envIsKnown, rootsAreKnown };
    return { roots, steps, env, ...known, problems: [...problems], isBounded, regexNodes };
  }

  visit(value: unknown, atTop: boolean): void {
    if (typeof value !== "object" || value === null || value instanceof RegExp || this.seen.has(value)) return;
    this.seen.add(value);
    if (Array.isArray(value)) {
      for (const member of value) this.visit(member, atTop);
      return;
    }
    const node = value as AstNode;
    this.inspect(node);
    if (node.type === "path") {
      this.visitPath(node, atTop);
      return;
    }
    if (isTopVariable(node) || (atTop && ["wildcard", "descendant"].includes(node.type ?? "")))
      this.rootsAreKnown = false;
    if (atTop && isContextVariable(node)) this.rootsAreKnown = false;
    for (const [key, member] of Object.entries(node)) this.visit(member, atTop && !innerKeys.has(key));
  }

  private inspect(node: AstNode): void {
    if (node.type === undefined) return;
    if (node.type === "name" && isForbiddenName(String(node.value))) this.problems.add(`may not read "${node.value}"`);
    if (node.type === "variable" && node.value === "eval") this.problems.add("may not use $eval");
    if (node.type === "regex") {
      this.regexNodes += countNodes(node.value as RegExp);
      const problem =
        this.regexNodes > MAX_REGEX_NODES
          ? "its regular expressions are too long, or repeat too much"
          : regexProblem(node.value as RegExp);
      if (problem) this.problems.add(`is refused: ${problem}`);
    }
    if (!isBoundedNode(node)) this.isBounded = false;
  }

  private visitPath(node: AstNode, atTop: boolean): void {
    const [first, second, ...rest] = node.steps as AstNode[];
    this.visit(node.group, false);
    this.visit(second, false);
    this.visit(rest, false);
    const fromTop = isTopVariable(first) || (atTop && isContextVariable(first));
    if (fromTop && second?.type === "name") this.readRoot(second, rest[0]);
    else if (atTop && first?.type === "name") this.readRoot(first, second);
    else if (fromTop) this.rootsAreKnown = false;
    if (fromTop || first?.type === "name") this.visitInner(first);
    else this.visit(first, atTop);
  }

  private readRoot(root: AstNode, next: AstNode | undefined): void {
    const name = String(root.value);
    this.roots.add(name);
    if (name !== "steps" && name !== "env") return;
    const isNamed = next?.type === "name" && root.stages === undefined && root.focus === undefined;
    if (isNamed) (name === "steps" ? this.steps : this.env).add(String(next.value));
    else if (name === "steps") this.stepsAreKnown = false;
    else this.envIsKnown = false;
  }

  /** Of the first part of a path: its filters, not itself. */
  private visitInner(node: AstNode | undefined): void {
    if (!node || this.seen.has(node)) return;
    this.seen.add(node);
    this.inspect(node);
    for (const member of Object.values(node)) this.visit(member, false);
  }
}

function isContextVariable(node: AstNode | undefined): boolean {
  return node?.type === "variable" && (node.value === "" || node.value === "$");
}

/** `$$`: the top of the bindings, wherever it stands. */
function isTopVariable(node: AstNode | undefined): boolean {
  return node?.type === "variable" && node.value === "$";
}

function isCallOf(node: AstNode, names: readonly string[]): boolean {
  const procedure = node.type === "function" ? (node.procedure as AstNode) : null;
  return procedure?.type === "variable" && names.includes(String(procedure.value));
}

function isBoundedNode(node: AstNode): boolean {
  if (node.type === "unary") return node.value === "-" || node.value === "[" || node.value === "{";
  if (node.type === "block") return (node.expressions as unknown[]).length === 1;
  if (node.type === "function") {
    const procedure = node.procedure as AstNode;
    return procedure.type === "variable" && boundedFunctions.has(String(procedure.value));
  }
  if (node.type === "binary") return node.value !== "..";
  // Positions and focus variables make tuples, which multiply.
  return boundedTypes.has(String(node.type)) && node.focus === undefined && node.index === undefined;
}
