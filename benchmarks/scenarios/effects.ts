import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";
import { workflowMetrics } from "./workflow-metrics.ts";

export const IN_FLIGHT = 200;

/** Five `http_request` steps to a server in a process of its own: each starts when all before it is committed. */
export const effects: Scenario = {
  name: "effects",
  metrics: workflowMetrics(IN_FLIGHT, { stepsPerSecond: 3000 }),
  open: async (server) => programScenario("effects", new URL("effects.program.js", import.meta.url), server),
};
