import type { SchedulePolicies } from "../model/index.ts";
import type { ScheduleRow } from "../store/index.ts";
import { latestTimes, nextTimes } from "./times.ts";

/** A time that is older than this when the scheduler comes to it was missed. No expression is finer than a minute. */
const ON_TIME_MS = 60_000;

/** What `last_error` says of a schedule for 30 February. */
const NO_MATCH = "No date matches the cron expression";

export interface Timetable {
  readonly cron: string;
  readonly timezone: string;
  readonly policies: SchedulePolicies;
}

export interface Due {
  /** Nominal times to start executions for, in order. */
  readonly times: readonly Date[];
  /** They make up for missed times and do not ask for the overlap policy. */
  readonly catchUp: boolean;
  /** A missed time that is left out. */
  readonly leftOut: Date | null;
  readonly nextAt: Date | null;
}

/** What to do at `now` about the nominal times from `nextAt` on. */
export function dueAt(timetable: Timetable, nextAt: Date, now: Date): Due {
  const { cron, timezone, policies } = timetable;
  const count = policies.missed === "all" ? policies.missed_max : 1;
  const times = latestTimes(cron, timezone, policies, { from: nextAt, to: now }, count);
  const after = { nextAt: firstAfter(timetable, now) };
  const first = times[0];
  const isLate = first !== undefined && now.getTime() - first.getTime() > ON_TIME_MS;
  if (isLate && policies.missed === "skip") return { ...after, times: [], catchUp: false, leftOut: first };
  return { ...after, times, catchUp: isLate && policies.missed === "all", leftOut: null };
}

function firstAfter(timetable: Timetable, after: Date): Date | null {
  return nextTimes(timetable.cron, timetable.timezone, timetable.policies, after, 1)[0] ?? null;
}

interface Timing {
  readonly nextAt: Date | null;
  readonly queuedAt: Date | null;
  readonly lastError: string | null;
}

/** How a row goes on after it was made (`known` is null) or changed: a change of timetable forgets what was due before. */
export function timing(
  known: (Pick<ScheduleRow, keyof Timing> & Timetable & { readonly isEnabled: boolean }) | null,
  wanted: Timetable & { readonly isEnabled: boolean },
  now: Date,
): Timing {
  if (!wanted.isEnabled) return { nextAt: null, queuedAt: null, lastError: known?.lastError ?? null };
  if (known?.isEnabled && isSameTimetable(known, wanted)) {
    const { nextAt = null, queuedAt = null, lastError = null } = known;
    return { nextAt, queuedAt, lastError };
  }
  const nextAt = firstAfter(wanted, now);
  return { nextAt, queuedAt: known?.queuedAt ?? null, lastError: nextAt ? null : NO_MATCH };
}

function isSameTimetable(a: Timetable, b: Timetable): boolean {
  return (
    a.cron === b.cron &&
    a.timezone === b.timezone &&
    a.policies.dst_gap === b.policies.dst_gap &&
    a.policies.dst_overlap === b.policies.dst_overlap
  );
}
