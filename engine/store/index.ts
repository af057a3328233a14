export {
  type AuditEntry,
  type AuditFilter,
  countEntries,
  purgeEntries,
  readEntries,
  readEntry,
} from "./audit-entries.ts";
export { readBusKey } from "./bus-key.ts";
export {
  type EventKey,
  readEventData,
  readOutputs,
  readStepJson,
  readStepsToShow,
  readTriggerData,
} from "./client-json.ts";
export {
  type CommandFate,
  commandByKey,
  commandFate,
  type SentCommand,
  sendCommand,
  sendCommandOnce,
} from "./commands.ts";
export {
  type DatabaseLimits,
  defaultDatabaseLimits,
  dropConnection,
  openConnection,
  transaction,
} from "./connection.ts";
export { anyTime, createdRange } from "./created-range.ts";
export { type Database, openDatabase, type PoolUse, readDatabaseIdentity } from "./database.ts";
export { DatabaseClock } from "./database-clock.ts";
export { ApiKeyEntity, type ApiKeyRow } from "./entities/api-key.ts";
export { FileEntity, type FileRow } from "./entities/file.ts";
export { FileNoteEntity } from "./entities/file-note.ts";
export { FileTaskEntity } from "./entities/file-task.ts";
export { HookEntity, type HookRow } from "./entities/hook.ts";
export { SagaTypeEntity, type SagaTypeRow } from "./entities/saga-type.ts";
export { ScheduleEntity, type ScheduleRow } from "./entities/schedule.ts";
export { TemplateEntity, type TemplateRow } from "./entities/template.ts";
export { WebhookDeliveryEntity, type WebhookDeliveryRow } from "./entities/webhook-delivery.ts";
export { WorkflowEntity, type WorkflowRow } from "./entities/workflow.ts";
export { WorkflowVersionEntity, type WorkflowVersionRow } from "./entities/workflow-version.ts";
export { type EventTrigger, readEventTriggers } from "./event-triggers.ts";
export {
  countCorrelated,
  countExecutions,
  executionsAt,
  executionsByIds,
  listCorrelated,
  listExecutions,
  type Selection,
} from "./execution-lists.ts";
export {
  countFound,
  type ExecutionSearch,
  type Standing,
  searchExecutions,
  searchExecutionsAt,
} from "./execution-search.ts";
export { countTree, rootOfExecution } from "./execution-tree.ts";
export {
  type Claim,
  type Columns,
  claimExecutions,
  executionByKey,
  readEvents,
  readExecution,
  readFailedSteps,
  readSignals,
  readSteps,
  sendSignals,
  stepById,
} from "./executions.ts";
export {
  type FamilyMember,
  type FamilyStanding,
  familyTransaction,
  lockFamilies,
  notedAmong,
  readFamily,
  removeExecutions,
  standingOfFamilies,
  weighFamilies,
} from "./families.ts";
export { type Hold, holdExecution, readHolds, releaseExecution } from "./holds.ts";
export { executionIds, IdBlocks, stepIds } from "./ids.ts";
export { type NotedEvent, type NotedFile, takeFileNotes, takeJournalNotes } from "./notes.ts";
export { findExpired, type Owner, readOwners } from "./retention.ts";
export { type Queries, type RoomDatabase, roomDatabase } from "./room-database.ts";
export { type Runnable, readRunnable, runnableColumns } from "./runnable.ts";
export { readSagaTypes, saveSagaType } from "./saga-types.ts";
export {
  advanceSchedules,
  awaitedExecutions,
  type ClaimedSchedule,
  claimDue,
  claimQueued,
  nearestSchedule,
  type ScheduleChange,
  unfinishedAmong,
  usedKeys,
} from "./schedules.ts";
export {
  countActive,
  countWorkflows,
  type ExecutionTotals,
  type FiguresOfAllTenants,
  readFiguresOfAllTenants,
  totalsOfWorkflows,
  totalsSince,
} from "./statistics.ts";
export { countSteps, listEvents, listSteps, readStepEvents, readWaitingSteps, stepsByIds } from "./step-lists.ts";
export { beginLife, beginnings, endLife, putOnTrial, type Suspect } from "./suspects.ts";
export {
  countCategories,
  countTemplates,
  readTemplateIds,
  sumTemplateExecutions,
  type TemplateSelection,
} from "./templates.ts";
export { unlessTaken } from "./unless-taken.ts";
export { readWaitingFor, type WaitingStep, waitKey } from "./waiting-steps.ts";
export { clearLease, endWhenQuiet, readLease, tryLock, writeLease } from "./worker-lease.ts";
export { listVersions } from "./workflow-lists.ts";
export { listWorkflowsAt, readVersions, readWorkflow, type VersionKey } from "./workflows.ts";
