export {
  answerTooLarge,
  DomainError,
  type ErrorCode,
  errorCodes,
  type Issue,
  MAX_ISSUES,
  shortened,
} from "./errors.ts";
export {
  type EventData,
  type EventSummary,
  type EventType,
  type ExecutionEvent,
  endingEvents,
  type Failure,
  type StepRef,
  type Wait,
} from "./events.ts";
export { type FieldTexts, fieldMeanings, fieldText, fieldTexts, toldSchema } from "./field-texts.ts";
export {
  childUid,
  executionOfCorrelation,
  idempotencyKeyOf,
  newUid,
  numberOf,
  oldUid,
  type SagaIdentity,
  sagaIdentity,
  workflowCorrelation,
} from "./identity.ts";
export { openObject, parseInput, text } from "./input.ts";
export { isJsonObject, isPromise, type JsonObject, type JsonValue, type MaybePromise } from "./json.ts";
export { isSafeJson, MAX_DEFINITION_BYTES, MAX_NESTING, MAX_VALUES } from "./json-guard.ts";
export { memberPath, type Place, pathOf, pathSegments } from "./json-path.ts";
export { mergePatch } from "./merge-patch.ts";
export { asStored, holdsUnseen, nameText } from "./name.ts";
export { nearestName } from "./nearest-name.ts";
export type { AttemptEnd, EngineLogger, Flush, Observer } from "./observer.ts";
export {
  childOf,
  type ExecutionRecord,
  type ExecutionSummary,
  type ExecutionView,
  type StepOutcome,
  type StepRecord,
  type StepSummary,
  visibleOutput,
} from "./records.ts";
export type { ExecutionId, StepId, WorkflowId } from "./row-id.ts";
export type { DstPolicies, SchedulePolicies } from "./schedule-policies.ts";
export { findSchemaIssues, type SchemaIssue, toIssue } from "./schema-issues.ts";
export type { Signal, SignalData } from "./signals.ts";
export { apply, create, type ExecutionState, wakeAt } from "./state.ts";
export {
  type CompensationStatus,
  compensationStatuses,
  type ExecutionStatus,
  executionStatuses,
  isExecutionOver,
  isGivenUp,
  isStepOver,
  type Outcome,
  type StepStatus,
  type TriggerType,
  triggerTypes,
  type WorkflowStatus,
  workflowStatuses,
} from "./status.ts";
export { StepError, type StepErrorCode, stepErrorCodes } from "./step-error.ts";
export type { StepContext, StepMemory, StepType, Suspension } from "./step-type.ts";
export { DEFAULT_TENANT, NOBODY, type TenantId, tenantNamed } from "./tenant.ts";
export {
  ConnectionError,
  databaseUnavailable,
  isPassing,
  RETRY_AFTER_SECONDS,
  type Trouble,
  troubleOf,
  troubleWords,
  unavailable,
} from "./trouble.ts";
export {
  type DeliveryStatus,
  type WebhookEventType,
  webhookEventOf,
  webhookEventTypes,
} from "./webhook-event.ts";
export { idRange, type Page, pageOf, pagesOf, type Window } from "./window.ts";
