import { peerScenario } from "../harness/peer.ts";
import type { Metric } from "../harness/scenario.ts";

const measured = [
  ["apolloMemory", "bare Apollo Server, from memory"],
  ["apolloPostgres", "bare Apollo Server, from Postgres"],
  ["mercuriusMemory", "Mercurius, from memory"],
  ["mercuriusPostgres", "Mercurius, from Postgres"],
  ["mercuriusJitMemory", "Mercurius with graphql-jit, from memory"],
] as const;

/** The query of the scenario `graphql`, on the servers that people would take otherwise: no keys, limits or audit. */
export const graphqlPeers = peerScenario(
  "graphql-peers",
  "graphql",
  measured.flatMap(([id, label]): Metric[] => [
    { id: `${id}PerSecond`, label, unit: "req/s" },
    { id: `${id}P99Ms`, label: "the same, p99 with 32 under way", unit: "ms" },
  ]),
);
