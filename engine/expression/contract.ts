import type { Issue, JsonValue, MaybePromise } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";

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
  /** Paths of texts that are URLs: what is filled in there is encoded; see url-text.ts. Default none. */
  readonly urls?: readonly string[];
  /** True for a workflow template: any other bare name is a parameter. Default false: it is an issue. */
  readonly allowParameters?: boolean;
  /** Shared by everything that is compiled for one definition. Default: one of its own. */
  readonly effort?: CompileEffort;
}

/** What is left for parsing expressions that are no plain path; see limits.ts. */
export interface CompileEffort {
  remaining: number;
}

/** What one expression can see: known before it runs, and all that it is given when it does. */
export interface Reads {
  /** JSON path of the text that it stands in. */
  readonly path: string;
  /** Names of `{{env.X}}`. */
  readonly env: readonly string[];
  /** Names of the steps that are written out. */
  readonly steps: readonly string[];
  /** Whether it can reach other steps, chosen when it runs: `steps.*`, `$lookup(steps, …)`, `$$`. */
  readonly anyStep: boolean;
  /** Names at the top of the bindings. */
  readonly roots: readonly string[];
}

/** A config with placeholders, compiled once per definition. */
export interface Template {
  /** JSON path of its source. */
  readonly path: string;
  /** One for each text that holds placeholders. */
  readonly reads: readonly Reads[];
  /** Fills in the placeholders. Throws StepError VARIABLE_MISSING or EXPRESSION_FAILED. Secrets come out in clear. */
  resolve(bindings: Bindings): MaybePromise<JsonValue>;
  /** As `resolve`, for a config that reads secrets. */
  resolveHiding(bindings: Bindings, isSecret: SecretRule): Promise<Filled>;
}

/** Whether what an expression makes is secret. */
export type SecretRule = (reads: Reads) => boolean;

/** A config, filled in. */
export interface Filled {
  readonly value: JsonValue;
  /** The same with `***` in place of what is made from secrets: as it may be stored and shown. */
  readonly shown: JsonValue;
  /** The values that are hidden. */
  readonly hidden: readonly JsonValue[];
}

export interface Condition {
  readonly reads: readonly Reads[];
  /** Throws StepError VARIABLE_MISSING or EXPRESSION_FAILED. */
  evaluate(bindings: Bindings): MaybePromise<boolean>;
}
