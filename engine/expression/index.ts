export { nearestName } from "../model/index.ts";
export type { Bindings } from "./bindings.ts";
export { compileCondition } from "./condition.ts";
export { conditionTypes } from "./condition-object.ts";
export type {
  CompileEffort,
  CompileOptions,
  Condition,
  Environment,
  Filled,
  LocalRoot,
  Reads,
  SecretRule,
  Template,
} from "./contract.ts";
export { createCompileEffort, parseJsonata } from "./jsonata-expression.ts";
export { MAX_CONDITION_LENGTH, MAX_EXPRESSION_EFFORT } from "./limits.ts";
export { type StepReference, stepReferences } from "./reads.ts";
export { createSecretMask, MASK, noMask, type SecretMask } from "./secret-mask.ts";
export { compileTemplate, hasPlaceholder } from "./template.ts";
