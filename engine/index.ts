export { definitionJsonSchema } from "./definition/index.ts";
export { createEngine, type Engine, type EngineLogger, type EngineOptions } from "./engine.ts";
export { DomainError, type ErrorCode, errorCodes, type Issue } from "./errors.ts";
export type { ActivityItem, ExecutionChange } from "./events/activity.ts";
export type { LiveFeed, LiveLog, LiveReader, LiveSource, LiveState, Positioned } from "./events/live-source.ts";
export type { EventData, EventType, ExecutionEvent, Failure, StepRef, Wait } from "./execution/events.ts";
export type { ExecutionFilter, ExecutionQueries, OwnedStep } from "./execution/execution-queries.ts";
export type { ExecutionService, StartRequest } from "./execution/execution-service.ts";
export type { ExecutionRecord, StepRecord } from "./execution/state.ts";
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
} from "./execution/status.ts";
export {
  createDiskFileStore,
  defaultFileLimits,
  type FileLimits,
  type FileRecord,
  type FileService,
  type FileStore,
} from "./files/index.ts";
export { createHttpClient, type HttpClient } from "./http/index.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export {
  type Actor,
  type ApiKey,
  allScopes,
  DEFAULT_TENANT,
  type KeyService,
  type Scope,
  scopes,
} from "./keys/index.ts";
export type { RateLimitClass, RateLimitDecision, RateLimiter } from "./limits/rate-limiter.ts";
export { createMailer, type Mailer } from "./mail/index.ts";
export { type Statistics, StatisticsService, successRate } from "./statistics/index.ts";
export type { StepType } from "./steps/step-type.ts";
export type { WorkflowRow } from "./store/entities/workflow.ts";
export type { WorkflowVersionRow } from "./store/entities/workflow-version.ts";
export type { ExecutionTotals } from "./store/statistics.ts";
export type { Page, Window } from "./store/window.ts";
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
export { workflowInput, workflowPatch } from "./workflow/workflow-input.ts";
export type { Workflow, WorkflowService } from "./workflow/workflow-service.ts";
export { type WorkflowStatus, workflowStatuses } from "./workflow/workflow-status.ts";
