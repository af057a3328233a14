import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";

/** Executions that come and go beside those that stay: what the removal takes, and whether the tables grow by it. */
export const retention: Scenario = {
  name: "retention",
  metrics: [
    { id: "removedPerSecond", label: "executions removed, rests included", unit: "executions/s" },
    { id: "transactionP50Ms", label: "a transaction of the removal, p50", unit: "ms" },
    { id: "transactionMaxMs", label: "the longest", unit: "ms" },
    { id: "emptyRoundMs", label: "a round that finds nothing", unit: "ms" },
    {
      id: "growth",
      label: "pages of tables and indexes after the first round and after the last",
      unit: "×",
      aim: { below: 1.05 },
    },
  ],
  open: async (server) => programScenario("retention", new URL("retention.program.js", import.meta.url), server),
};
