import type { GraphQLSchema, ValidationRule } from "graphql";
import type { Actor, Engine } from "../../engine/index.ts";
import type { Logger } from "../log.ts";
import type { LiveLimits } from "./limits.ts";

/** What every operation's context has, whatever the schema. */
export interface OperationContext {
  readonly correlationId: string;
}

/** A schema and how its operations are run: each port serves one. */
export interface GraphqlApi<C extends OperationContext> {
  /** Where it is served. */
  readonly path: string;
  readonly schema: GraphQLSchema;
  /** Whose keys open it. */
  readonly keys: Engine["keys"];
  /** Made anew for each operation. */
  createContext(actor: Actor, correlationId: string): C;
  readonly logger: Logger;
  /** For documents over WebSocket and event streams, besides those of the specification. Default: none. */
  readonly validationRules?: readonly ValidationRule[];
  /** Default: `defaultLiveLimits`. */
  readonly limits?: Partial<LiveLimits>;
}
