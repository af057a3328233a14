import { Cron } from "croner";
import { DomainError } from "../model/index.ts";

/** The aliases that are understood, and what they stand for. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
]);

/** Croner takes more than this (seconds, years, `?`, `+`, dates): only what the documentation names gets through. */
const fiveFields = /^[\d*,/\-#A-Za-z]+(?:[ \t]+[\d*,/\-#A-Za-z]+){4}$/;

/**
 * Minute, hour, day of month, month, day of week. Lists, ranges, steps and names (`MON-FRI`, `JAN`), `L` (last),
 * `15W` (nearest weekday), `5#2` (second Friday). Sunday is 0 or 7. When both day fields are restricted (neither is
 * `*`), a day that matches either of them counts.
 *
 * Knows local times only, written as if they were UTC: what they mean in a zone with clock changes is decided in
 * times.ts. Croner would decide that by itself, and differently for `30 1` (once) and `30 1,3` (twice).
 */
export interface CronPattern {
  /** The hour is a wildcard: such a pattern counts passing time, the others name a time of day. */
  readonly everyHour: boolean;
  /** The nearest match after `local`, or before it; null: there is none. */
  step(local: number, direction: 1 | -1): number | null;
}

/** `field` is the input field that an error names. */
export function parseCron(expression: string, field: string): CronPattern {
  const trimmed = expression.trim();
  const fields = aliases.get(trimmed.toLowerCase()) ?? trimmed;
  try {
    if (!fiveFields.test(fields)) throw new Error("not 5 fields");
    const cron = new Cron(fields, { mode: "5-part", utcOffset: 0, paused: true });
    return {
      everyHour: fields.split(/[ \t]+/)[1]!.startsWith("*"),
      step: (local, direction) => {
        const from = new Date(local);
        const match = direction === 1 ? cron.nextRun(from) : cron.previousRuns(1, from)[0];
        return match?.getTime() ?? null;
      },
    };
  } catch (cause) {
    throw new DomainError("INVALID_CRON", "Invalid cron schedule format", { field, cause });
  }
}

export function checkCron(expression: string, field: string): void {
  parseCron(expression, field);
}
