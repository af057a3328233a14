import type { Issue } from "../errors.ts";
import type { JsonValue, MaybePromise } from "../json.ts";
import type { Scope } from "./scope.ts";

/** The variables that `{{env.NAME}}` may read. */
export interface Environment {
  /** The allow-list. */
  readonly names: readonly string[];
  /** The value of a name on the allow-list; undefined when it is not set. */
  get(name: string): string | undefined;
}

/** Names that only some places of a definition can read. */
export type LocalRoot = "item" | "index" | "input" | "output";

export interface CompileOptions {
  /** JSON path of the source, for issues and for errors at run time. */
  readonly path: string;
  readonly env: Environment;
  /** Every problem is added here; what is compiled then throws EXPRESSION_FAILED where it is broken. */
  readonly issues: Issue[];
  /** `item` and `index` inside for_each, `input` and `output` inside a compensation. Default none. */
  readonly locals?: readonly LocalRoot[];
  /** True for a workflow template: any other bare name is a parameter. Default false: it is an issue. */
  readonly allowParameters?: boolean;
  /** Shared by everything that is compiled for one definition. Default: one of its own. */
  readonly effort?: CompileEffort;
}

/** What is left for parsing expressions that are no plain path; see limits.ts. */
export interface CompileEffort {
  remaining: number;
}

/** What can be known of an expression before it runs. */
export interface ExpressionFacts {
  /** Whether it reads `{{env.X}}`, so that what comes out must be masked before it is stored. */
  readonly usesEnv: boolean;
  /** The steps whose outputs it reads by name. A name computed at run time is not among them. */
  readonly references: readonly StepReference[];
}

export interface StepReference {
  readonly step: string;
  /** JSON path of the text that reads it. */
  readonly path: string;
}

/** A config with placeholders, compiled once per definition. */
export interface Template extends ExpressionFacts {
  /** Fills in the placeholders. Throws StepError VARIABLE_MISSING or EXPRESSION_FAILED. Env values come out in clear. */
  resolve(scope: Scope): MaybePromise<JsonValue>;
}

export interface Condition extends ExpressionFacts {
  /** Throws StepError VARIABLE_MISSING or EXPRESSION_FAILED. */
  evaluate(scope: Scope): MaybePromise<boolean>;
}
