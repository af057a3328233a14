export {
  type AuditEntry,
  type AuditFilter,
  asService,
  audited,
  auditedOperation,
  type Changes,
  type Requester,
} from "./audit/index.ts";
export { type Bus, channels } from "./bus/bus.ts";
export type { Grants } from "./definition/environments.ts";
export { isSafeJson, writtenDefinitionSchema } from "./definition/index.ts";
export { startMark } from "./dispatch/process-mark.ts";
export { createEngine, type Engine } from "./engine.ts";
export type { EngineOptions } from "./engine-options.ts";
export type { ActivityItem, ExecutionChange } from "./events/activity.ts";
export {
  endable,
  type LiveFeed,
  type LiveLog,
  type LiveReader,
  type LiveSource,
  type LiveState,
  LOG_PAGE,
  liveLog,
  type Positioned,
} from "./events/live-source.ts";
export { Signal } from "./events/signal.ts";
export type { Attempt } from "./execution/attempts.ts";
export { type Cause, MAX_DEPTH, payDescendant } from "./execution/descendants.ts";
export type { BatchRefusal, BatchReport, BatchRequest } from "./execution/execution-batches.ts";
export type { ExecutionFilter, ExecutionQueries, OwnedStep } from "./execution/execution-queries.ts";
export type { ExecutionService } from "./execution/execution-service.ts";
export type { ForkRequest, StartRequest } from "./execution/execution-starts.ts";
export { hasValues } from "./execution/match.ts";
export {
  type ConversionTarget,
  conversionTargets,
  createDiskFileStore,
  createS3FileStore,
  defaultFileLimits,
  defaultProcessingLimits,
  type FileLimits,
  type FileListing,
  type FileRecord,
  type FileService,
  type FileStatus,
  type FileStore,
  type FileText,
  fileStatuses,
} from "./files/index.ts";
export type { EngineHealth } from "./health.ts";
export { type Hook, type HookCall, type HookCredentials, hookInput, hookPatch, hookRotation } from "./hook/index.ts";
export { createHttpClient, type HttpClient } from "./http/index.ts";
export {
  type Actor,
  type ApiKey,
  allScopes,
  DEFAULT_TENANT,
  type KeyService,
  type Scope,
  scopes,
} from "./keys/index.ts";
export {
  type Bound,
  knownMeasure,
  LARGE,
  MAX_LEVELS,
  type Measure,
  parseLargeJson,
  StoredJson,
  stringifyStored,
} from "./large-json/index.ts";
export type {
  Points,
  RateLimitClass,
  RateLimitDecision,
  RateLimiter,
  RateLimitVerdict,
} from "./limits/rate-limiter.ts";
export type { EngineLoad } from "./load.ts";
export { createMailer, type Mailer } from "./mail/index.ts";
export { answerTooLarge, DomainError, type ErrorCode, errorCodes, type Issue, shortened } from "./model/errors.ts";
export {
  type EventData,
  type EventSummary,
  type EventType,
  type ExecutionEvent,
  endingEvents,
  type Failure,
  type StepRef,
  type Wait,
} from "./model/events.ts";
export {
  executionOfCorrelation,
  numberOf,
  type SagaIdentity,
  sagaIdentity,
  workflowCorrelation,
} from "./model/identity.ts";
export { parseInput, text } from "./model/input.ts";
export { isJsonObject, type JsonObject, type JsonValue, type MaybePromise } from "./model/json.ts";
export { pathSegments } from "./model/json-path.ts";
export type { EngineLogger } from "./model/log.ts";
export type { AttemptEnd, Flush, Observer } from "./model/observer.ts";
export type {
  ExecutionSummary,
  ExecutionView as ExecutionRecord,
  StepOutcome,
  StepRecord,
  StepSummary,
} from "./model/state.ts";
export {
  type CompensationStatus,
  compensationStatuses,
  type ExecutionStatus,
  executionStatuses,
  isExecutionOver,
  type StepStatus,
  stepStatuses,
  type TriggerType,
  triggerTypes,
} from "./model/status.ts";
export { type StepErrorCode, stepErrorCodes } from "./model/step-error.ts";
export type { StepContext, StepType } from "./model/step-type.ts";
export { isPassing, RETRY_AFTER_SECONDS, troubleWords, unavailable } from "./model/trouble.ts";
export { idRange, type Page, pageOf, type Window } from "./model/window.ts";
export { type WorkflowStatus, workflowStatuses } from "./model/workflow-status.ts";
export { type OpenKeys, openKeys } from "./open-keys.ts";
export { loadRedis } from "./redis/index.ts";
export {
  currentDeadline,
  Deadline,
  DeadlineError,
  REQUEST_MS,
  untimed,
  withDeadline,
  withinDeadline,
  withoutDeadline,
} from "./runtime/deadline.ts";
export { type FencedFault, fenced, watchFaults } from "./runtime/fence.ts";
export { patiently } from "./runtime/patience.ts";
export { longestWork, noteWork, type WorkKind } from "./runtime/work-notes.ts";
export type { SchedulePolicies } from "./schedule/index.ts";
export { KEY_BYTES, Keyring } from "./secret/keyring.ts";
export { MemoryBudget } from "./share/index.ts";
export {
  type OutputSource,
  type SimulatedLog,
  type SimulatedStep,
  type Simulation,
  type SimulationRequest,
  type StepMock,
  simulationLimits,
} from "./simulation/index.ts";
export { type Statistics, StatisticsService, successRate } from "./statistics/index.ts";
export type { Participants } from "./steps/index.ts";
export type { EventKey } from "./store/client-json.ts";
export { type DatabaseLimits, openConnection, transaction } from "./store/connection.ts";
export type { ScheduleRow } from "./store/entities/schedule.ts";
export type { WorkflowRow } from "./store/entities/workflow.ts";
export type { WorkflowVersionRow } from "./store/entities/workflow-version.ts";
export { type Columns, executionColumns, toSummary } from "./store/executions.ts";
export { isReadable } from "./store/readable-json.ts";
export type { ExecutionTotals } from "./store/statistics.ts";
export {
  parametersOf,
  type Template,
  type TemplateCategory,
  type TemplateService,
  type TemplateUsage,
  templateFilter,
  templateInput,
  templatePage,
  templatePatch,
  workflowFromTemplate,
} from "./template/index.ts";
export {
  type DeliveryStatus,
  deliveryStatuses,
  type WebhookDelivery,
  type WebhookEventType,
  webhookEventTypes,
} from "./webhook/index.ts";
export { workflowInput, workflowPatch } from "./workflow/workflow-input.ts";
export type { Workflow, WorkflowService } from "./workflow/workflow-service.ts";
