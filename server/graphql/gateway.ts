import type { ApolloServerOptionsWithGateway } from "@apollo/server";
import type { GraphQLSchema } from "graphql";
import type { Execute } from "./executor.ts";

type Gateway = ApolloServerOptionsWithGateway<never>["gateway"];

/** Apollo takes another executor than graphql-js from a gateway only. Here it is one to a single schema: our own. */
export function gatewayTo(schema: GraphQLSchema, execute: Execute): Gateway {
  return {
    async load() {
      return {
        executor: async ({ document, operation, request, context }) =>
          execute({ document, operation, variables: request.variables ?? {} }, context),
      };
    },
    onSchemaLoadOrUpdate(tell) {
      tell({ apiSchema: schema, coreSupergraphSdl: "" });
      return () => {};
    },
    async stop() {},
  };
}
