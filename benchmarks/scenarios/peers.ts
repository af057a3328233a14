import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installed } from "../harness/peer.ts";
import { programScenario } from "../harness/program.ts";
import { repository } from "../harness/repository.ts";
import type { Scenario } from "../harness/scenario.ts";

const folder = join(repository, "benchmarks", "peers", "dbos");

/** DBOS Transact on the same Postgres with the same five steps: a checkpoint for each step, as a library in one process. */
export const peers: Scenario = {
  name: "peers",
  metrics: [
    { id: "stepsPerSecond", label: "DBOS, at the best of its concurrencies", unit: "steps/s" },
    { id: "bestInFlight", label: "that concurrency", unit: "workflows" },
    { id: "cpuCores", label: "DBOS, CPU of its process", unit: "cores" },
    { id: "p50Ms", label: "DBOS, a lone workflow of five steps, p50", unit: "ms" },
    { id: "p99Ms", label: "DBOS, a lone workflow of five steps, p99", unit: "ms" },
  ],
  open: async (server) =>
    (await installed("peers", folder))
      ? programScenario("peers", pathToFileURL(join(folder, "main.js")), server)
      : null,
};
