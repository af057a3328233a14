import "reflect-metadata";
import { type GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { type BuildSchemaOptions, buildSchemaSync, getMetadataStorage } from "type-graphql";
import { ActivitySubscriptions } from "./activity/activity-subscriptions.ts";
import { ApiKeyMutations } from "./api-key/api-key-mutations.ts";
import { ApiKeyQueries } from "./api-key/api-key-queries.ts";
import { AuditQueries } from "./audit/audit-queries.ts";
import { guardOperations } from "./authorization.ts";
import { ExecutionBatchMutations } from "./execution/execution-batch-mutations.ts";
import { ExecutionMutations } from "./execution/execution-mutations.ts";
import { ExecutionQueries } from "./execution/execution-queries.ts";
import { ExecutionSubscriptions } from "./execution/execution-subscriptions.ts";
import { RetentionMutations } from "./execution/retention-mutations.ts";
import { FileMutations } from "./file/file-mutations.ts";
import { FileQueries } from "./file/file-queries.ts";
import { HookMutations } from "./hook/hook-mutations.ts";
import { HookQueries } from "./hook/hook-queries.ts";
import { NodeQueries } from "./relay/node-queries.ts";
import { DomainEventMutations } from "./saga/domain-event-mutations.ts";
import { DomainEventQueries } from "./saga/domain-event-queries.ts";
import { SagaMutations } from "./saga/saga-mutations.ts";
import { SagaQueries } from "./saga/saga-queries.ts";
import { SagaSubscriptions } from "./saga/saga-subscriptions.ts";
import { DateTime } from "./scalars.ts";
import { ScheduleMutations } from "./schedule/schedule-mutations.ts";
import { ScheduleQueries } from "./schedule/schedule-queries.ts";
import { SimulationQueries } from "./simulation/simulation-queries.ts";
import { StatisticsQueries } from "./statistics/statistics-queries.ts";
import { StepTypeQueries } from "./step-type/step-type-queries.ts";
import { TemplateMutations } from "./template/template-mutations.ts";
import { TemplateQueries } from "./template/template-queries.ts";
import { WebhookDeliveryMutations } from "./webhook-delivery/webhook-delivery-mutations.ts";
import { WebhookDeliveryQueries } from "./webhook-delivery/webhook-delivery-queries.ts";
import { WorkflowMutations } from "./workflow/workflow-mutations.ts";
import { WorkflowQueries } from "./workflow/workflow-queries.ts";

export function createSchema(): GraphQLSchema {
  return build([
    WorkflowQueries,
    ExecutionQueries,
    StepTypeQueries,
    TemplateQueries,
    FileQueries,
    StatisticsQueries,
    SimulationQueries,
    ApiKeyQueries,
    ScheduleQueries,
    HookQueries,
    WebhookDeliveryQueries,
    AuditQueries,
    NodeQueries,
    WorkflowMutations,
    ExecutionMutations,
    ExecutionBatchMutations,
    RetentionMutations,
    TemplateMutations,
    FileMutations,
    ApiKeyMutations,
    ScheduleMutations,
    HookMutations,
    WebhookDeliveryMutations,
    ExecutionSubscriptions,
    ActivitySubscriptions,
  ]);
}

/** What the orchestrator serves on its own port. */
export function createSagaSchema(): GraphQLSchema {
  return build([SagaQueries, DomainEventQueries, SagaMutations, DomainEventMutations, SagaSubscriptions]);
}

function build(resolvers: BuildSchemaOptions["resolvers"]): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // The engine validates: its rules hold for the REST API too.
    validate: false,
    // type-graphql asks for one although each subscription brings its own `subscribe`.
    pubSub: { publish: unused, subscribe: unused },
  });
  readGettersDirectly(schema);
  countWhereSelected(schema);
  guardOperations(schema);
  return schema;
}

/** As its file holds it: sorted, so that a change shows as what it is. */
export function schemaText(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
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

/** A compiled query reads properties as they are, where graphql-js would call one that is a function. */
function countWhereSelected(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    const field = type.name.endsWith("Connection") ? (type as GraphQLObjectType).getFields().totalCount : undefined;
    if (field) field.resolve = ({ totalCount }: { totalCount: () => Promise<number> }) => totalCount();
  }
}

function unused(): never {
  throw new Error("Subscriptions read from the engine, not from type-graphql's pubSub");
}
