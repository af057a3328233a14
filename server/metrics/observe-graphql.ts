import type { ApolloServerPlugin } from "@apollo/server";
import { Kind, type OperationDefinitionNode } from "graphql";
import type { Context } from "../../schema/index.ts";
import type { Metrics } from "./metrics.ts";

/**
 * Measures operations over HTTP. Labelled by the first field, not by the operation's name: the fields are the schema's,
 * the names are the clients', and every new one would be a time series for ever.
 */
export function operationMetrics(metrics: Metrics): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      const startedAt = performance.now();
      return {
        willSendResponse: async ({ operation, errors }) => {
          const seconds = (performance.now() - startedAt) / 1_000;
          const field = operation ? firstFieldOf(operation) : "none";
          metrics.graphqlAnswered(operation?.operation ?? "none", field, errors?.length ? "error" : "ok", seconds);
        },
      };
    },
  };
}

/** Of an operation that has been validated: its field exists. */
function firstFieldOf({ selectionSet }: OperationDefinitionNode): string {
  const first = selectionSet.selections[0];
  return first?.kind === Kind.FIELD ? first.name.value : "fragment";
}
