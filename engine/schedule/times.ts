import { type LocalTime, offsetAt, parseCron, resolveLocal } from "../calendar/index.ts";
import type { DstPolicies } from "../model/index.ts";

/**
 * The nominal times of a schedule: the first `count` after `after`. Fewer, or none, when the expression matches no
 * further date (30 February).
 */
export function nextTimes(
  cron: string,
  timezone: string,
  policies: DstPolicies,
  after: Date,
  count: number,
): readonly Date[] {
  const times: Date[] = [];
  if (count <= 0) return times;
  for (const at of walk({ cron, timezone, policies }, after.getTime(), 1)) {
    times.push(new Date(at));
    if (times.length >= count) break;
  }
  return times;
}

/** The last `count` nominal times from `from` to `to`, both included, in order. */
export function latestTimes(
  cron: string,
  timezone: string,
  policies: DstPolicies,
  range: { readonly from: Date; readonly to: Date },
  count: number,
): readonly Date[] {
  const times: Date[] = [];
  for (const at of walk({ cron, timezone, policies }, range.to.getTime() + 1, -1)) {
    if (at < range.from.getTime() || times.length >= count) break;
    times.unshift(new Date(at));
  }
  return times;
}

/** Instants after `from` (or before it), nearest first, each once. */
function* walk(
  schedule: { readonly cron: string; readonly timezone: string; readonly policies: DstPolicies },
  from: number,
  direction: 1 | -1,
): Generator<number, void, undefined> {
  const { timezone, policies } = schedule;
  const pattern = parseCron(schedule.cron, "cron");
  const gap = policies.dst_gap ?? (pattern.everyHour ? "skip" : "run_after");
  const overlap = policies.dst_overlap ?? (pattern.everyHour ? "both" : "first");
  const instantsOf = (time: LocalTime): number[] => {
    if (time.kind === "once") return [time.at];
    if (time.kind === "never") return gap === "run_after" ? [time.after] : [];
    if (overlap === "first") return [time.first];
    return direction === 1 ? [time.first, time.second] : [time.second, time.first];
  };
  const isBefore = (a: number, b: number): boolean => (b - a) * direction > 0;

  // The nearer instants of successive local times never go back, so what is farther waits until they have passed it.
  let waiting: number[] = [];
  let last = from;
  let local: number | null = startLocal(from, timezone, direction);
  for (;;) {
    local = pattern.step(local, direction);
    const instants: number[] = local === null ? [] : instantsOf(resolveLocal(local, timezone));
    const near = instants[0];
    const passed: number[] = [];
    if (local === null) passed.push(...waiting);
    else if (near !== undefined) {
      passed.push(...waiting.filter((at) => !isBefore(near, at)), near);
      waiting = [...waiting.filter((at) => isBefore(near, at)), ...instants.slice(1)];
    }
    for (const at of passed) {
      if (!isBefore(last, at)) continue;
      last = at;
      yield at;
    }
    if (local === null) return;
  }
}

/** Where to begin so that no local time is missed whose other occurrence is still to come. */
function startLocal(from: number, zone: string, direction: 1 | -1): number {
  const local = from + offsetAt(from, zone);
  const time = resolveLocal(local, zone);
  if (time.kind !== "twice") return local;
  const repeated = time.second - time.first;
  if (direction === 1 && from === time.first) return local - repeated;
  if (direction === -1 && from === time.second) return local + repeated;
  return local;
}
