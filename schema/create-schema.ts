import "reflect-metadata";
import { type GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { buildSchemaSync, getMetadataStorage } from "type-graphql";
import { ActivitySubscriptions } from "./activity/activity-subscriptions.ts";
import { ApiKeyMutations } from "./api-key/api-key-mutations.ts";
import { ApiKeyQueries } from "./api-key/api-key-queries.ts";
import { guardOperations } from "./authorization.ts";
import { ExecutionMutations } from "./execution/execution-mutations.ts";
import { ExecutionQueries } from "./execution/execution-queries.ts";
import { ExecutionSubscriptions } from "./execution/execution-subscriptions.ts";
import { NodeQueries } from "./relay/node-queries.ts";
import { DateTime } from "./scalars.ts";
import { StepTypeQueries } from "./step-type/step-type-queries.ts";
import { WorkflowMutations } from "./workflow/workflow-mutations.ts";
import { WorkflowQueries } from "./workflow/workflow-queries.ts";

export function createSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      WorkflowQueries,
      ExecutionQueries,
      StepTypeQueries,
      ApiKeyQueries,
      NodeQueries,
      WorkflowMutations,
      ExecutionMutations,
      ApiKeyMutations,
      ExecutionSubscriptions,
      ActivitySubscriptions,
    ],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // The engine validates: its rules hold for the REST API too.
    validate: false,
    // type-graphql asks for one although each subscription brings its own `subscribe`.
    pubSub: { publish: unused, subscribe: unused },
  });
  readGettersDirectly(schema);
  guardOperations(schema);
  return schema;
}

/** The text of schema.graphql: sorted, so that a change shows as what it is. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(createSchema()))}\n`;
}

/**
 * A getter with @Field counts as a resolver method for type-graphql, with its work for arguments and middleware.
 * graphql-js reads properties, and so getters, by itself: for nine fields of ten that is all there is to do.
 */
function readGettersDirectly(schema: GraphQLSchema): void {
  for (const { name, target } of getMetadataStorage().objectTypes) {
    const type = schema.getType(name) as GraphQLObjectType | undefined;
    for (const field of Object.values(type?.getFields() ?? {})) {
      if (Object.getOwnPropertyDescriptor(target.prototype, field.name)?.get) delete field.resolve;
    }
  }
}

function unused(): never {
  throw new Error("Subscriptions read from the engine, not from type-graphql's pubSub");
}
