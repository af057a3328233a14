import type { ApolloServerPlugin, GraphQLRequestContext } from "@apollo/server";
import type { RateLimitDecision } from "../../engine/index.ts";
import type { Admission } from "./admission.ts";
import type { OperationContext, ServedApi } from "./graphql-api.ts";
import { badRequest, unknownOperation } from "./refusals.ts";

/** Asks the gate before an operation runs, and shows in the answer what it took. */
export function admitRequests<C extends OperationContext>({
  gate,
  requireReadable,
}: Pick<ServedApi<C>, "gate" | "requireReadable">): ApolloServerPlugin<C> {
  return {
    requestDidStart: async () => {
      let cost: Admission["cost"] = null;
      return {
        async didResolveOperation({ document, operation, request, contextValue, response }) {
          if (operation === undefined) {
            response.http.status = 400;
            throw unknownOperation(request.operationName ?? null);
          }
          if (operation.operation === "subscription") {
            response.http.status = 400;
            throw badRequest("Subscriptions are served over WebSocket at this address, not over plain HTTP");
          }
          const variables = request.variables ?? {};
          const admission = await gate.admit(contextValue.actor, { document, operation, variables });
          cost = admission.cost;
          if (admission.tightest) showBudget(response.http.headers, admission.tightest);
          if (admission.refusal === null) {
            await requireReadable(contextValue, { document, operation }).catch((error: unknown) => {
              response.http.status = 403;
              throw error;
            });
            return;
          }
          response.http.status = admission.tightest?.allowed === false ? 429 : 400;
          throw admission.refusal;
        },
        async didEncounterErrors({ operation, contextValue, response }) {
          if (operation === undefined || operation.operation === "subscription") {
            showBudget(response.http.headers, await gate.chargeRefused(contextValue.actor));
          }
        },
        async willSendResponse({ response: { body } }: GraphQLRequestContext<C>) {
          if (cost !== null && body?.kind === "single") {
            body.singleResult.extensions = { ...body.singleResult.extensions, cost };
          }
        },
      };
    },
  };
}

/** The names of the REST API: it is the same budget. */
function showBudget(headers: Map<string, string>, decision: RateLimitDecision): void {
  headers.set("x-ratelimit-limit", String(decision.limit));
  headers.set("x-ratelimit-remaining", String(decision.remaining));
  headers.set("x-ratelimit-reset", String(decision.resetAt));
  if (!decision.allowed) headers.set("retry-after", String(decision.retryAfterSeconds));
}
