import type { GraphQLSchema, OperationTypeNode, ValidationRule } from "graphql";
import type { Authenticate, Edge } from "../../edge/index.ts";
import type { Actor, Engine, RateLimitClass, RateLimiter } from "../../engine/index.ts";
import type { Logger } from "../config/index.ts";
import type { Gate, Operation } from "./admission.ts";
import type { ReadDocument } from "./document.ts";
import type { Execute } from "./executor.ts";
import type { LiveLimits } from "./limits.ts";
import type { ObserveOperation } from "./observe-operation.ts";
import type { Present } from "./present.ts";

/** What every operation's context has, whatever the schema. */
export interface OperationContext {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly engine: Pick<Engine, "audit">;
}

/** A schema and how its operations are run: each port serves one. */
export interface GraphqlApi<C extends OperationContext> {
  /** Where it is served. */
  readonly path: string;
  readonly schema: GraphQLSchema;
  /** The query that the page for browsers shows first. */
  readonly example: string;
  /** Whose keys open it. */
  readonly keys: Engine["keys"];
  /** Told of each request without a valid key. */
  refused(correlationId: string): Promise<void>;
  /** Whose budgets its operations spend. */
  readonly rateLimiter: RateLimiter;
  /** The budget that a root field is charged to. */
  limitClassOf(operation: OperationTypeNode, field: string): RateLimitClass;
  /** Whether clients may ask for the schema. Default true. */
  readonly introspection?: boolean;
  /** Made anew for each operation. */
  createContext(actor: Actor, correlationId: string): C;
  readonly logger: Logger;
  /** Default: `defaultLiveLimits`. */
  readonly liveLimits?: Partial<LiveLimits>;
  /** Default: nobody does. */
  readonly observe?: ObserveOperation;
}

/** What each transport is made over: the same rules, budgets and errors whichever way an operation comes. */
export interface ServedApi<C extends OperationContext> extends GraphqlApi<C> {
  /** Rules of documents beside those of the specification. */
  readonly rules: ValidationRule[];
  readonly readDocument: ReadDocument;
  readonly gate: Gate;
  readonly edge: Edge;
  /** Whose key a request carries. */
  readonly authenticate: Authenticate;
  /** Asked of what was admitted, before it runs. @throws DomainError FORBIDDEN */
  requireReadable(context: C, operation: Pick<Operation, "document" | "operation">): Promise<void>;
  readonly observe: ObserveOperation;
  /** What an operation may wait for the service. */
  readonly requestMs: number;
  /** Runs what was admitted. */
  readonly execute: Execute;
  readonly present: Present;
}
