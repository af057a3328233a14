import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";

export const IN_FLIGHT = 200;

/** Sagas of four commands to a participant in a process of its own, beside the same four requests as a plain workflow. */
export const saga: Scenario = {
  name: "saga",
  metrics: [
    { id: "plainPerSecond", label: `plain executions of four requests, ${IN_FLIGHT} in flight`, unit: "executions/s" },
    { id: "sagasPerSecond", label: `sagas of four commands, ${IN_FLIGHT} in flight`, unit: "sagas/s" },
    { id: "mixedPerSecond", label: "the same with one in ten failing at its last step and undone", unit: "sagas/s" },
    { id: "behindMs", label: "until the last domain event of that load is stored, after its end", unit: "ms" },
    { id: "p50Ms", label: "a lone saga of four commands, p50", unit: "ms" },
    { id: "p99Ms", label: "a lone saga of four commands, p99", unit: "ms" },
  ],
  open: async (server) => programScenario("saga", new URL("saga.program.js", import.meta.url), server),
};
