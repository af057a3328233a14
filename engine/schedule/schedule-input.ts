import { z } from "zod";
import { nameText, text } from "../model/index.ts";
import { DEFAULT_TIMEZONE, policiesInput, timezoneInput } from "./policies.ts";

/** Below the limit of an execution's trigger data, into which it is copied. */
const MAX_TRIGGER_DATA_BYTES = 1_000_000;

const fields = {
  name: nameText.describe("What it is for."),
  cron: text(255).describe(
    "5 fields: minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly, @yearly. When both day fields are restricted, a day that matches either counts; else INVALID_CRON.",
  ),
  trigger_data: z
    .record(z.string(), z.json())
    .refine(
      (data) => Buffer.byteLength(JSON.stringify(data)) <= MAX_TRIGGER_DATA_BYTES,
      `must have at most ${MAX_TRIGGER_DATA_BYTES} bytes as JSON`,
    )
    .describe(
      `Trigger data of each execution, beside \`scheduled_time\` and \`cron_schedule\`. At most ${MAX_TRIGGER_DATA_BYTES.toLocaleString("en")} bytes.`,
    ),
  is_enabled: z.boolean().describe("Whether it fires. A paused one makes up for nothing afterwards."),
};

export const scheduleInput = z.strictObject({
  workflow_id: z.int().min(1).describe("The workflow to start."),
  ...fields,
  timezone: timezoneInput.default(DEFAULT_TIMEZONE),
  policies: policiesInput.optional(),
  trigger_data: fields.trigger_data.default({}),
  is_enabled: fields.is_enabled.default(true),
});

/** Every field may be left out; policies are changed one by one. */
export const schedulePatch = z.strictObject({ ...fields, timezone: timezoneInput, policies: policiesInput }).partial();

export const previewInput = z.strictObject({
  cron: fields.cron,
  timezone: timezoneInput.default(DEFAULT_TIMEZONE),
  policies: policiesInput.optional(),
});
