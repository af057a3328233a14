export { createSagas, type Sagas, type SagasOptions } from "./create-sagas.ts";
export { type DomainEvent, streamOf } from "./events/domain-event.ts";
export { eventInput } from "./events/event-input.ts";
export type { Saga, SagaStep } from "./saga.ts";
export { sagaInput } from "./saga-service.ts";
export { type SagaStatus, type SagaStepStatus, sagaStatuses, sagaStepStatuses } from "./saga-status.ts";
export {
  domainEventTexts,
  sagaCommandTexts,
  sagaFilterTexts,
  sagaStepTexts,
  sagaTexts,
} from "./texts.ts";
export { sagaTypeInput } from "./types/saga-type-input.ts";
export { type SagaType, WORKFLOW_EXECUTION } from "./types/saga-type-service.ts";
