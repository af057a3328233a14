import type { Definition } from "./definition.ts";

/** A workflow version as a run needs it. */
export interface Plan {
  readonly definition: Definition;
  readonly timeoutSeconds: number;
}
