import type { GraphQLSchema } from "graphql";
import type { Actor, Engine } from "../../engine/index.ts";
import type { Logger } from "../log.ts";

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
  /** Told of each request without a valid key. */
  refused(correlationId: string): Promise<void>;
  /** Made anew for each operation. */
  createContext(actor: Actor, correlationId: string): C;
  readonly logger: Logger;
}
