import { z } from "zod";
import { isTimeZone } from "../calendar/index.ts";
import { type JsonObject, parseInput, type SchedulePolicies } from "../model/index.ts";

export const DEFAULT_TIMEZONE = "UTC";
const DEFAULT_MISSED_MAX = 100;
const MAX_MISSED = 1_000;

/** What a schedule does when the clock changes, after downtime, and when its last execution still runs. */
export const policiesInput = z.strictObject({
  dst_gap: z
    .enum(["run_after", "skip"])
    .nullish()
    .describe(
      "A local time that does not exist because the clock is put forward: `run_after` runs at the first instant after the gap, `skip` not at all. Default: `run_after`; `skip` when the hour field is a wildcard.",
    ),
  dst_overlap: z
    .enum(["first", "both"])
    .nullish()
    .describe(
      "A local time that occurs twice because the clock is put back: `first` runs once, `both` twice. Default: `first`; `both` when the hour field is a wildcard.",
    ),
  missed: z
    .enum(["skip", "latest", "all"])
    .optional()
    .describe(
      "Times that passed by more than 60 seconds while no scheduler ran: `skip` leaves them out, `latest` makes up for the last one, `all` for the last `missed_max`, which start together whatever `overlap` says. Default `latest`.",
    ),
  missed_max: z
    .int()
    .min(1)
    .max(MAX_MISSED)
    .optional()
    .describe("How many missed times `missed: all` makes up for at once, 1 to 1,000. Default 100."),
  overlap: z
    .enum(["skip", "queue", "cancel"])
    .optional()
    .describe(
      "A time that comes while an execution of this schedule is not over: `skip` leaves it out, `queue` starts it when that one ends (one waits, further ones are left out), `cancel` cancels that one, with compensation, and starts. Default `skip`.",
    ),
});

export const timezoneInput = z
  .string()
  .refine(isTimeZone, "must be an IANA time zone, for example Europe/London")
  .describe("IANA time zone in which the cron expression is read. Default UTC.");

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
