import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installed } from "../harness/peer.ts";
import { programScenario } from "../harness/program.ts";
import { repository } from "../harness/repository.ts";
import type { Metric, Scenario } from "../harness/scenario.ts";

const folder = join(repository, "benchmarks", "peers", "graphql");

const measured = [
  ["apolloMemory", "bare Apollo Server, from memory"],
  ["apolloPostgres", "bare Apollo Server, from Postgres"],
  ["mercuriusMemory", "Mercurius, from memory"],
  ["mercuriusPostgres", "Mercurius, from Postgres"],
  ["mercuriusJitMemory", "Mercurius with graphql-jit, from memory"],
] as const;

/** The query of the scenario `graphql`, on the servers that people would take otherwise: no keys, limits or audit. */
export const graphqlPeers: Scenario = {
  name: "graphql-peers",
  metrics: measured.flatMap(([id, label]): Metric[] => [
    { id: `${id}PerSecond`, label, unit: "req/s" },
    { id: `${id}P99Ms`, label: "the same, p99 with 32 under way", unit: "ms" },
  ]),
  open: async (server) =>
    (await installed("graphql-peers", folder))
      ? programScenario("graphql-peers", pathToFileURL(join(folder, "main.js")), server)
      : null,
};
