import type { JsonObject } from "../model/index.ts";
import type { WorkflowRow, WorkflowVersionRow } from "../store/index.ts";
import type { WorkflowPatch } from "./workflow-input.ts";

/** A workflow with its current version. */
export interface Workflow extends WorkflowRow {
  readonly definition: JsonObject;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
}

export function joined(row: WorkflowRow, version: WorkflowVersionRow): Workflow {
  const { definition, timeoutSeconds, maxRetries } = version;
  return Object.assign({ ...row }, { definition, timeoutSeconds, maxRetries });
}

export function assign(row: WorkflowRow, patch: WorkflowPatch): void {
  row.updatedAt = new Date();
  if (patch.name !== undefined) row.name = patch.name;
  if (patch.status !== undefined) row.status = patch.status;
  if (patch.description !== undefined) row.description = patch.description;
  if (patch.is_enabled !== undefined) row.isEnabled = patch.is_enabled;
  if (patch.trigger_config !== undefined) row.triggerConfig = patch.trigger_config;
  if (patch.cron_schedule !== undefined) row.cronSchedule = patch.cron_schedule;
  if (patch.is_scheduled !== undefined) row.isScheduled = patch.is_scheduled;
  if (patch.trigger_on_file_upload !== undefined) row.triggerOnFileUpload = patch.trigger_on_file_upload;
  if (patch.trigger_file_extensions !== undefined) row.triggerFileExtensions = patch.trigger_file_extensions;
  if (patch.retention_days !== undefined) row.retentionDays = patch.retention_days;
}
