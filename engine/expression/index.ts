export { compileCondition } from "./condition.ts";
export { conditionTypes } from "./condition-object.ts";
export type {
  CompileEffort,
  CompileOptions,
  Condition,
  Environment,
  LocalRoot,
  StepReference,
  Template,
} from "./contract.ts";
export { createCompileEffort } from "./jsonata-expression.ts";
export { nearestName } from "./nearest-name.ts";
export type { Scope } from "./scope.ts";
export { createSecretMask, type SecretMask } from "./secret-mask.ts";
export { compileTemplate, hasPlaceholder } from "./template.ts";
