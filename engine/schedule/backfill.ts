import type pg from "pg";
import type { ExecutionService } from "../execution/index.ts";
import { DomainError } from "../model/index.ts";
import { usedKeys } from "../store/index.ts";
import type { Timetable } from "./due.ts";
import { type Scheduled, scheduleKey, startScheduled } from "./start.ts";
import { nextTimes } from "./times.ts";

const MAX_BACKFILL = 1_000;
/** Starts under way at once. */
const STARTS_AT_ONCE = 20;

export interface BackfillRange {
  /** Both included. `to` must have passed. */
  readonly from: Date;
  readonly to: Date;
  /** 1 to 1,000. A range with more nominal times is refused, and nothing is started. */
  readonly max: number;
}

export interface BackfillResult {
  /** In order of nominal time. They run whatever the schedule's overlap policy says. */
  readonly executionIds: readonly number[];
  /** Nominal times that had an execution already. */
  readonly existing: number;
}

export async function backfill(
  deps: { readonly pool: pg.Pool; readonly executions: Pick<ExecutionService, "start"> },
  schedule: Scheduled & Timetable,
  range: BackfillRange,
  now: Date,
  admit: (executions: number) => Promise<void>,
): Promise<BackfillResult> {
  const times = timesIn(schedule, range, now);
  const keys = times.map((time) => scheduleKey(schedule.id, time));
  const used = await usedKeys(deps.pool, schedule.workflowId, keys);
  const missing = times.filter((_, i) => !used.has(keys[i]!));
  await admit(missing.length);
  const executionIds: number[] = [];
  for (let i = 0; i < missing.length; i += STARTS_AT_ONCE) {
    const started = await Promise.all(
      missing.slice(i, i + STARTS_AT_ONCE).map((time) => startScheduled(deps.executions, schedule, time)),
    );
    executionIds.push(...started.map((execution) => execution.id));
  }
  return { executionIds, existing: used.size };
}

function timesIn(schedule: Timetable, { from, to, max }: BackfillRange, now: Date): readonly Date[] {
  if (!Number.isInteger(max) || max < 1 || max > MAX_BACKFILL) {
    refuse("max", `must be an integer from 1 to ${MAX_BACKFILL}`);
  }
  if (!(from <= to)) refuse("from", "must not be after to");
  if (to > now) refuse("to", "must not be in the future");
  const { cron, timezone, policies } = schedule;
  const times = nextTimes(cron, timezone, policies, new Date(from.getTime() - 1), max + 1).filter((time) => time <= to);
  if (times.length > max) refuse("max", `is ${max}, and the range holds more nominal times`);
  return times;
}

function refuse(field: string, message: string): never {
  throw new DomainError("VALIDATION_FAILED", `${field} ${message}`, { field });
}
