import { type Load, loneLatency, sustainedRate } from "../harness/load.ts";
import type { Values } from "../harness/scenario.ts";
import type { WorkflowUnderTest } from "./workflow-under-test.ts";

/** Both definitions of the benchmark have so many. */
const STEPS = 5;

/** Throughput first: the lone executions then find compiled code, as in a service that has run for a while. */
export async function measureWorkflow(
  { journalStats, start }: WorkflowUnderTest,
  load: Load,
  loneExecutions: number,
): Promise<Values> {
  const flushesBefore = journalStats.flushes;
  const rate = await sustainedRate(load, start);
  const flushesBetween = journalStats.flushes;
  const rssMib = process.memoryUsage.rss() / 2 ** 20;
  const lone = await loneLatency(loneExecutions, start);
  return {
    executionsPerSecond: rate.perSecond,
    stepsPerSecond: rate.perSecond * STEPS,
    commitsPerStep: (flushesBetween - flushesBefore) / (rate.total * STEPS),
    cpuCores: rate.cpuCores,
    rssMib,
    p50Ms: lone.p50Ms,
    p99Ms: lone.p99Ms,
    loneCommitsPerStep: (journalStats.flushes - flushesBetween) / (loneExecutions * STEPS),
  };
}
