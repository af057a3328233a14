export type { Scope } from "./scope.ts";

import type { JsonValue, MaybePromise } from "../json.ts";
import type { Scope } from "./scope.ts";

/** A config with placeholders, compiled once per definition. */
export interface Template {
  /** Fills in the placeholders. Throws StepError VARIABLE_MISSING or EXPRESSION_FAILED. Env values come out in clear. */
  resolve(scope: Scope): MaybePromise<JsonValue>;
  /** Whether it reads `{{env.X}}`, so that its resolved value must be masked before it is stored. */
  readonly usesEnv: boolean;
}

export interface Condition {
  evaluate(scope: Scope): MaybePromise<boolean>;
}
