export { createSagas, type Sagas, type SagasOptions } from "./create-sagas.ts";
export { type DomainEvent, streamOf } from "./events/domain-event.ts";
export type { Saga, SagaStep } from "./saga.ts";
export { type SagaStatus, type SagaStepStatus, sagaStatuses, sagaStepStatuses } from "./saga-status.ts";
export { sagaTypeInput } from "./types/saga-type-input.ts";
export { type SagaType, WORKFLOW_EXECUTION } from "./types/saga-type-service.ts";
