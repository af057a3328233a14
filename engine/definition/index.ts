export type {
  ActionDefinition,
  Compensation,
  Definition,
  DefinitionDefaults,
  RetryPolicy,
  StepDefinition,
} from "./definition.ts";
export { isSafeJson } from "./json-guard.ts";
export { definitionJsonSchema, writtenDefinitionSchema } from "./json-schema.ts";
export { type DefinitionContext, type ParsedDefinition, parseDefinition } from "./parse-definition.ts";
export type { Plan } from "./plan.ts";
export { findSchemaIssues, toIssue } from "./schema-issues.ts";
export type { StepTypeLookup } from "./step-type-lookup.ts";
