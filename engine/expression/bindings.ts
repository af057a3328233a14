import type { JsonValue } from "../model/index.ts";

/** What an expression can see. Property names are the ones that users write. */
export interface Bindings {
  readonly execution_id: number;
  readonly workflow_id: number;
  readonly trigger: JsonValue;
  /** Step name → output, for steps that completed. Has no prototype. */
  readonly steps: { readonly [name: string]: JsonValue };
  /** Inside for_each only. */
  readonly item?: JsonValue;
  /** Inside for_each only, from 0. */
  readonly index?: number;
  /** Inside a compensation only: the frozen input and output of the step that is undone. */
  readonly input?: JsonValue;
  readonly output?: JsonValue;
}
