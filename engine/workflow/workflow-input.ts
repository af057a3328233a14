import { z } from "zod";
import { nameText, openObject, text } from "../model/index.ts";

const DEFAULT_TIMEOUT_SECONDS = 300;
const DEFAULT_MAX_RETRIES = 3;
/** A year: longer runs should be several executions. */
const MAX_TIMEOUT_SECONDS = 31_536_000;
const MAX_RETRIES = 100;
/** A hundred years: for ever, where the installation says less. */
const MAX_RETENTION_DAYS = 36_500;

/** What both faces accept for a workflow, in the names of the documented API. `workflow_config` is checked by itself. */
const fields = {
  name: nameText.describe("Unique among the tenant's workflows, else NAME_TAKEN."),
  description: text(10_000).nullish().describe("Free text."),
  trigger_config: openObject.nullish().describe("Settings of its trigger: `{type, enabled, …}`."),
  cron_schedule: text(255)
    .nullish()
    .describe("When it starts by itself: 5-field cron expression, UTC, else INVALID_CRON."),
  is_scheduled: z.boolean().describe("Whether `cron_schedule` fires."),
  trigger_on_file_upload: z.boolean().describe("Whether each matching file upload starts it."),
  trigger_file_extensions: text(1_000)
    .nullish()
    .describe("Extensions of files that start it, without dots; null: any."),
  timeout_seconds: z
    .int()
    .min(1)
    .max(MAX_TIMEOUT_SECONDS)
    .describe("Limit of a whole execution in seconds; then it has timed out."),
  is_enabled: z.boolean().describe("A disabled workflow cannot be executed, whatever its status."),
  max_retries: z
    .int()
    .min(0)
    .max(MAX_RETRIES)
    .describe("Retries after the first attempt of a step that has no `retry` of its own."),
  retention_days: z
    .int()
    .min(1)
    .max(MAX_RETENTION_DAYS)
    .nullish()
    .describe(
      "Days that an execution is kept after its end, with its children; null: as the tenant or the installation says.",
    ),
};

export const workflowInput = z.strictObject({
  ...fields,
  is_scheduled: fields.is_scheduled.default(false),
  trigger_on_file_upload: fields.trigger_on_file_upload.default(false),
  timeout_seconds: fields.timeout_seconds.default(DEFAULT_TIMEOUT_SECONDS),
  is_enabled: fields.is_enabled.default(true),
  max_retries: fields.max_retries.default(DEFAULT_MAX_RETRIES),
});

/** What may be changed: what is absent stays, and null clears what can be null. */
export const workflowPatch = z.strictObject({ ...fields, status: z.enum(["active", "inactive", "paused"]) }).partial();

export type WorkflowPatch = z.output<typeof workflowPatch>;
