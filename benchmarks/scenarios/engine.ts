import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";
import { workflowMetrics } from "./workflow-metrics.ts";

export const IN_FLIGHT = 400;

/** Five `data_transform` steps, started through the engine's service; every row and event is written. */
export const engine: Scenario = {
  name: "engine",
  metrics: workflowMetrics(IN_FLIGHT, { stepsPerSecond: 15_000, p50Ms: 2 }),
  open: async (server) => programScenario("engine", new URL("engine.program.js", import.meta.url), server),
};
