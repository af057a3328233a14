export { compileCondition } from "./condition.ts";
export type { CompileOptions, Condition, Environment, Template } from "./contract.ts";
export { nearestName } from "./nearest-name.ts";
export type { Scope } from "./scope.ts";
export { createSecretMask, type SecretMask } from "./secret-mask.ts";
export { compileTemplate, hasPlaceholder } from "./template.ts";
