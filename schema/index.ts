export { argumentWeight, valuesWorth, weightOf } from "./argument-weight.ts";
export { isBulk } from "./bulk-cost.ts";
export { type Context, createContext } from "./context.ts";
export { createSagaSchema, createSchema } from "./create-schema.ts";
export { presentError } from "./errors/fault.ts";
export { limitClassOf } from "./limit-class.ts";
export { type OperationCost, operationCost } from "./operation-cost.ts";
export { createReadGuard, requireReadable } from "./read-scope.ts";
export { createSagaContext, type SagaContext } from "./saga/context.ts";
