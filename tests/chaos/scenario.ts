import type { ServiceOptions } from "../support/service.ts";
import type { World } from "./world.ts";

/** A fault, and what it may cost. */
export interface Scenario {
  readonly name: string;
  /** What is done to the service, in the words of the table. */
  readonly fault: string;
  /** What whoever runs the service sees of it. */
  readonly seen: string;
  /** Part of the short form, which CI runs. */
  readonly isShort: boolean;
  /** Why it cannot be done here; null when it can. */
  readonly unable?: () => Promise<string | null>;
  readonly service?: Partial<ServiceOptions>;
  /**
   * Does it while executions are under way; resolves when the fault is over. Returns how many times an effect may have
   * been cut off on the way, each of which may repeat it once; and throws what is wrong already.
   */
  inflict(world: World): Promise<number>;
}
