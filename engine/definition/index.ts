export { findSchemaIssues, isSafeJson, toIssue } from "../model/index.ts";
export type {
  ActionDefinition,
  Compensation,
  Definition,
  Plan,
  RetryPolicy,
  StepDefinition,
} from "./definition.ts";
export { contextOf, Environments, type Grants, type TenantContext } from "./environments.ts";
export { findAncestors, suggest } from "./graph.ts";
export { definitionJsonSchema, writtenDefinitionSchema } from "./json-schema.ts";
export { type DefinitionContext, parseDefinition } from "./parse-definition.ts";

export type { WebhookTarget } from "./webhook-target.ts";
