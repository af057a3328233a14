import type { JsonObject } from "../../engine/index.ts";
import { type Load, loneLatency, sustainedRate } from "../harness/load.ts";
import type { Values } from "../harness/scenario.ts";
import { verifyStoredRows } from "./stored-rows.ts";
import { openWorkflow } from "./workflow-under-test.ts";

/** Both definitions of the benchmark have so many. */
const STEPS = 5;

/**
 * Runs the definition on an engine of its own on DATABASE_URL. Throughput first: the lone executions then find compiled
 * code, as in a service that has run for a while.
 */
export async function measureWorkflow(definition: JsonObject, load: Load, loneExecutions: number): Promise<Values> {
  const databaseUrl = process.env.DATABASE_URL!;
  const { journalStats, start, close } = await openWorkflow(definition, databaseUrl, load.inFlight);
  const rate = await sustainedRate(load, start);
  const flushesUnderLoad = journalStats.flushes;
  const rssMib = process.memoryUsage.rss() / 2 ** 20;
  const lone = await loneLatency(loneExecutions, start);
  const flushesAlone = journalStats.flushes - flushesUnderLoad;
  await close();
  await verifyStoredRows(databaseUrl, rate.total + loneExecutions);
  return {
    executionsPerSecond: rate.perSecond,
    stepsPerSecond: rate.perSecond * STEPS,
    commitsPerStep: flushesUnderLoad / (rate.total * STEPS),
    cpuCores: rate.cpuCores,
    rssMib,
    p50Ms: lone.p50Ms,
    p99Ms: lone.p99Ms,
    loneCommitsPerStep: flushesAlone / (loneExecutions * STEPS),
  };
}
