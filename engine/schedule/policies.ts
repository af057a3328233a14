import { z } from "zod";
import { isTimeZone } from "../calendar/index.ts";
import { type JsonObject, parseInput, type SchedulePolicies } from "../model/index.ts";

export const DEFAULT_TIMEZONE = "UTC";
const DEFAULT_MISSED_MAX = 100;
const MAX_MISSED = 1_000;

/** What a schedule does when the clock changes, after downtime, and when its last execution still runs: docs/decisions/003-schedules.md. */
export const policiesInput = z
  .strictObject({
    dst_gap: z.enum(["run_after", "skip"]).nullish(),
    dst_overlap: z.enum(["first", "both"]).nullish(),
    missed: z.enum(["skip", "latest", "all"]).optional(),
    missed_max: z
      .int()
      .min(1)
      .max(MAX_MISSED)
      .optional()
      .describe(`How many missed times ALL makes up for at once. Default ${DEFAULT_MISSED_MAX}.`),
    overlap: z.enum(["skip", "queue", "cancel"]).optional(),
  })
  .describe("What it does when its plan and the world do not fit.");

export const timezoneInput = z
  .string()
  .refine(isTimeZone, "must be an IANA time zone, for example Europe/London")
  .describe("IANA time zone in which `cron` is read.");

/** Fills in the defaults. */
export function completePolicies(given: z.output<typeof policiesInput>): SchedulePolicies {
  return {
    dst_gap: given.dst_gap ?? null,
    dst_overlap: given.dst_overlap ?? null,
    missed: given.missed ?? "latest",
    missed_max: given.missed_max ?? DEFAULT_MISSED_MAX,
    overlap: given.overlap ?? "skip",
  };
}

const triggerInput = z.object({
  trigger_config: z.object({ ...policiesInput.shape, timezone: timezoneInput.nullish() }),
});

/** A workflow's own schedule keeps its zone and policies in `trigger_config`, under the same names. */
export function readTriggerConfig(config: JsonObject | null): { timezone: string; policies: SchedulePolicies } {
  const { timezone, ...given } = parseInput(triggerInput, { trigger_config: config ?? {} }).trigger_config;
  return { timezone: timezone ?? DEFAULT_TIMEZONE, policies: completePolicies(given) };
}
