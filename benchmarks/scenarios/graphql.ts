import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";

/** The whole path of a query: key, limits, cost, execution and JSON, as `npm start` serves it. */
export const graphql: Scenario = {
  name: "graphql",
  metrics: [
    { id: "memoryPerSecond", label: "20 executions with 5 steps each, from memory", unit: "req/s" },
    { id: "memoryP99Ms", label: "the same, p99 with 32 under way", unit: "ms" },
    { id: "postgresPerSecond", label: "20 executions with 5 steps each, from Postgres", unit: "req/s" },
    { id: "postgresP99Ms", label: "the same, p99 with 32 under way", unit: "ms" },
  ],
  open: async (server) => programScenario("graphql", new URL("graphql.program.js", import.meta.url), server),
};
