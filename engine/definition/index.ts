export { isSafeJson } from "../model/json-guard.ts";
export { findSchemaIssues, toIssue } from "../model/schema-issues.ts";
export type {
  ActionDefinition,
  Compensation,
  Definition,
  DefinitionDefaults,
  RetryPolicy,
  StepDefinition,
} from "./definition.ts";
export { definitionJsonSchema, writtenDefinitionSchema } from "./json-schema.ts";
export { type DefinitionContext, type ParsedDefinition, parseDefinition } from "./parse-definition.ts";
export type { Plan } from "./plan.ts";
export type { StepTypeLookup } from "./step-type-lookup.ts";
