import { type ExecutionArgs, GraphQLError, getOperationAST, type OperationDefinitionNode } from "graphql";
import { traceparentIn } from "../tracing/index.ts";
import type { Admission } from "./admission.ts";
import type { OperationContext, ServedApi } from "./graphql-api.ts";
import type { ObservedOperation } from "./observe-operation.ts";
import { badRequest, rateLimited, unknownOperation } from "./refusals.ts";

/** As clients send it; nothing in it has been checked. */
interface Payload {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

/** Read, valid and admitted. */
export interface PreparedOperation extends ExecutionArgs {
  readonly operation: OperationDefinitionNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly contextValue: OperationContext;
  /** For `extensions.cost`. */
  readonly cost: Admission["cost"];
  readonly observed: ObservedOperation;
}

type Prepared =
  | { readonly refusals: readonly GraphQLError[] }
  | { readonly refusals: null; readonly args: PreparedOperation };

/** What the transports beside HTTP do before they run an operation: read, validate and admit it, as HTTP does. */
export async function prepareOperation<C extends OperationContext>(
  { schema, readDocument, gate, requireReadable, observe }: ServedApi<C>,
  contextValue: C,
  { query, operationName, variables, extensions }: Payload,
): Promise<Prepared> {
  // An operation of a WebSocket has no headers.
  const observed = observe(contextValue.correlationId, traceparentIn(Object(extensions)));
  const refuse = async (...refusals: readonly GraphQLError[]): Promise<Prepared> => {
    const decision = await gate.chargeRefused(contextValue.actor);
    observed.answered(undefined, true);
    return { refusals: decision.allowed ? refusals : [rateLimited(decision)] };
  };
  if (typeof query !== "string") return refuse(badRequest("`query` must be a string"));
  if (variables != null && (typeof variables !== "object" || Array.isArray(variables))) {
    return refuse(badRequest("`variables` must be an object"));
  }
  const document = readDocument(query);
  if (!("kind" in document)) return refuse(...document);
  const name = typeof operationName === "string" ? operationName : null;
  const operation = getOperationAST(document, name);
  if (!operation) return refuse(unknownOperation(name));
  const variableValues = (variables ?? {}) as Record<string, unknown>;
  const admission = await gate.admit(contextValue.actor, { document, operation, variables: variableValues });
  if (admission.refusal) {
    observed.answered(operation, true);
    return { refusals: [admission.refusal] };
  }
  const forbidden = await requireReadable(contextValue, { document, operation }).then(() => null, asGraphqlError);
  if (forbidden) {
    observed.answered(operation, true);
    return { refusals: [forbidden] };
  }
  // A subscription costs when it starts, and its events nothing.
  const cost = operation.operation === "subscription" ? null : admission.cost;
  const args = { schema, document, operation, operationName: name, variableValues, contextValue, cost, observed };
  return { refusals: null, args };
}

function asGraphqlError(error: Error): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}
