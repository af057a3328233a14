import { percentile } from "./statistics.ts";

export interface Load {
  /** How many are under way at any moment. */
  readonly inFlight: number;
  /** Not counted: compilers, caches and connections settle. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface Rate {
  readonly perSecond: number;
  /** All that ended, the warm-up and the tail included. */
  readonly total: number;
  /** CPU time of this process in the measured time, in cores. */
  readonly cpuCores: number;
}

/**
 * How much of a run lies between two moments, 0 to 1. Runs that are started together end together, in waves: to count the
 * ends in 2 s gave anything from 1,590 to 2,420 for one and the same load of 400 in flight that took a second each.
 */
export function shareWithin(startedAt: number, endedAt: number, from: number, until: number): number {
  const inside = Math.min(endedAt, until) - Math.max(startedAt, from);
  if (inside < 0) return 0;
  return endedAt === startedAt ? 1 : inside / (endedAt - startedAt);
}

/** Runs `once` again and again, `inFlight` at a time; a run counts by its share within the measured time. */
export async function sustainedRate(load: Load, once: () => Promise<unknown>): Promise<Rate> {
  const countFrom = performance.now() + load.warmUpMs;
  const countUntil = countFrom + load.measureMs;
  let counted = 0;
  let total = 0;
  let cpuBefore = process.cpuUsage();
  let cpuAfter = cpuBefore;
  const timers = [
    setTimeout(() => {
      cpuBefore = process.cpuUsage();
    }, load.warmUpMs),
    setTimeout(() => {
      cpuAfter = process.cpuUsage(cpuBefore);
    }, load.warmUpMs + load.measureMs),
  ];
  const loop = async (): Promise<void> => {
    while (performance.now() < countUntil) {
      const startedAt = performance.now();
      await once();
      total += 1;
      counted += shareWithin(startedAt, performance.now(), countFrom, countUntil);
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, loop));
  for (const timer of timers) clearTimeout(timer);
  return {
    perSecond: (counted * 1000) / load.measureMs,
    total,
    cpuCores: (cpuAfter.user + cpuAfter.system) / 1000 / load.measureMs,
  };
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs `once` alone, one after another; the first tenth is not counted. */
export async function loneLatency(times: number, once: () => Promise<unknown>): Promise<Latency> {
  const durationsMs: number[] = [];
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now();
    await once();
    durationsMs.push(performance.now() - startedAt);
  }
  const counted = durationsMs.slice(Math.floor(times / 10));
  return { p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99) };
}
