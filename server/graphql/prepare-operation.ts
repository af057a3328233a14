import { type ExecutionArgs, type GraphQLError, getOperationAST } from "graphql";
import type { Admission } from "./admission.ts";
import type { OperationContext, ServedApi } from "./graphql-api.ts";
import { badRequest, rateLimited, unknownOperation } from "./refusals.ts";

/** As clients send it; nothing in it has been checked. */
interface Payload {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

type Prepared<C> =
  | { readonly refusals: readonly GraphQLError[] }
  | {
      readonly refusals: null;
      readonly args: ExecutionArgs & { readonly contextValue: C };
      /** For `extensions.cost`. */
      readonly cost: Admission["cost"];
    };

/** What the transports beside HTTP do before they run an operation: read, validate and admit it, as HTTP does. */
export async function prepareOperation<C extends OperationContext>(
  { schema, readDocument, gate }: ServedApi<C>,
  contextValue: C,
  payload: Payload,
): Promise<Prepared<C>> {
  const { query, operationName, variables } = payload;
  const refuse = async (...refusals: readonly GraphQLError[]): Promise<Prepared<C>> => {
    const decision = await gate.chargeRefused(contextValue.actor);
    return { refusals: decision.allowed ? refusals : [rateLimited("monitoring", decision)] };
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
  const { refusal, cost } = await gate.admit(contextValue.actor, { document, operation, variables: variableValues });
  if (refusal) return { refusals: [refusal] };
  const args = { schema, document, operationName: name, variableValues, contextValue };
  // A subscription costs when it starts, and its events nothing.
  return { refusals: null, args, cost: operation.operation === "subscription" ? null : cost };
}
