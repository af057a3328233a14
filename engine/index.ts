export {
  type AuditEntry,
  type AuditFilter,
  asService,
  audited,
  auditedRequest,
  type Changes,
  type Requester,
} from "./audit/index.ts";
export { type Bus, channels } from "./bus/index.ts";
export type { Grants } from "./definition/index.ts";
export { isSafeJson, writtenDefinitionSchema } from "./definition/index.ts";
export { startMark } from "./dispatch/index.ts";
export { createEngine, type Engine } from "./engine.ts";
export type { EngineOptions } from "./engine-options.ts";
export type { ActivityItem, ExecutionChange } from "./events/index.ts";
export {
  endable,
  Latch,
  type LiveFeed,
  type LiveLog,
  type LiveReader,
  type LiveSource,
  type LiveState,
  LOG_PAGE,
  liveLog,
  type Positioned,
} from "./events/index.ts";
export type {
  Attempt,
  BatchReport,
  BatchRequest,
  ExecutionFilter,
  ExecutionQueries,
  ForkRequest,
  OwnedStep,
} from "./execution/index.ts";
export {
  approvalInput,
  broadcast,
  type Cause,
  cancelInput,
  executionTexts,
  forkInput,
  hasValues,
  MAX_DEPTH,
  payDescendant,
  sendEventInput,
  skipCompensationInput,
  skipInput,
  startInput,
} from "./execution/index.ts";
export {
  type ConversionTarget,
  conversionTargets,
  createDiskFileStore,
  createS3FileStore,
  defaultFileLimits,
  defaultProcessingLimits,
  type FileListing,
  type FileRecord,
  type FileService,
  type FileStatus,
  type FileStore,
  type FileText,
  fileStatuses,
  fileTexts,
} from "./files/index.ts";
export type { EngineHealth } from "./health.ts";
export { type Hook, hookInput, hookPatch, hookRotation } from "./hook/index.ts";
export { createHttpClient } from "./http/index.ts";
export {
  type Actor,
  type ApiKey,
  allScopes,
  graceInput,
  keyInput,
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
} from "./limits/index.ts";
export { createMailer } from "./mail/index.ts";
export type {
  AttemptEnd,
  EngineLogger,
  ExecutionSummary,
  ExecutionView as ExecutionRecord,
  Flush,
  Observer,
  StepContext,
  StepOutcome,
  StepRecord,
  StepSummary,
  StepType,
} from "./model/index.ts";
export {
  answerTooLarge,
  type CompensationStatus,
  compensationStatuses,
  DEFAULT_TENANT,
  DomainError,
  type ErrorCode,
  type EventSummary,
  type EventType,
  type ExecutionEvent,
  type ExecutionId,
  type ExecutionStatus,
  endingEvents,
  errorCodes,
  type Failure,
  type FieldTexts,
  fieldMeanings,
  fieldText,
  fieldTexts,
  type Issue,
  idRange,
  isExecutionOver,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type MaybePromise,
  NOBODY,
  numberOf,
  type Page,
  pageOf,
  parseInput,
  pathSegments,
  RETRY_AFTER_SECONDS,
  type StepErrorCode,
  type StepId,
  type StepStatus,
  sagaIdentity,
  shortened,
  stepErrorCodes,
  type TenantId,
  type TriggerType,
  tenantNamed,
  text,
  toldSchema,
  triggerTypes,
  troubleWords,
  unavailable,
  type Wait,
  type Window,
  type WorkflowId,
  type WorkflowStatus,
  workflowCorrelation,
  workflowStatuses,
} from "./model/index.ts";
export { type OpenKeys, openKeys } from "./open-keys.ts";
export { loadRedis } from "./redis/index.ts";
export { holdInput, type Retention } from "./retention/index.ts";
export {
  currentDeadline,
  Deadline,
  DeadlineError,
  fenced,
  longestWork,
  noteWork,
  patiently,
  REQUEST_MS,
  untimed,
  type WorkKind,
  watchFaults,
  withDeadline,
  withinDeadline,
  withoutDeadline,
} from "./runtime/index.ts";
export {
  policiesInput,
  previewInput,
  type SchedulePolicies,
  scheduleInput,
  schedulePatch,
} from "./schedule/index.ts";
export { KEY_BYTES, Keyring } from "./secret/index.ts";
export { MemoryBudget } from "./share/index.ts";
export type {
  OutputSource,
  SimulatedLog,
  SimulatedStep,
  Simulation,
  SimulationRequest,
} from "./simulation/index.ts";
export { type Statistics, statisticsTexts, successRate, totalsTexts } from "./statistics/index.ts";

export type {
  Columns,
  DatabaseLimits,
  EventKey,
  EventTrigger,
  ExecutionSearch,
  ExecutionTotals,
  FiguresOfAllTenants,
  Hold,
  NotedEvent,
  NotedFile,
  Queries,
  RoomDatabase,
  SagaTypeRow,
  ScheduleRow,
  Standing,
  VersionKey,
  WorkflowRow,
  WorkflowVersionRow,
} from "./store/index.ts";
export {
  openConnection,
  readEventTriggers,
  readSagaTypes,
  readWaitingFor,
  saveSagaType,
  takeFileNotes,
  takeJournalNotes,
} from "./store/index.ts";
export {
  parametersOf,
  type Template,
  type TemplateUsage,
  templateFilter,
  templateInput,
  templatePatch,
  templateTexts,
  templateUsageTexts,
  workflowFromTemplate,
} from "./template/index.ts";
export type {
  DeliveryStatus,
  WebhookDelivery,
  WebhookEventType,
} from "./webhook/index.ts";
export type { Workflow, WorkflowService } from "./workflow/index.ts";
export { workflowInput, workflowPatch } from "./workflow/index.ts";
