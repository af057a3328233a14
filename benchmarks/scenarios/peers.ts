import { peerScenario } from "../harness/peer.ts";

/** DBOS Transact on the same Postgres with the same five steps: a checkpoint for each step, as a library in one process. */
export const peers = peerScenario("peers", "dbos", [
  { id: "stepsPerSecond", label: "DBOS, at the best of its concurrencies", unit: "steps/s" },
  { id: "bestInFlight", label: "that concurrency", unit: "workflows" },
  { id: "cpuCores", label: "DBOS, CPU of its process", unit: "cores" },
  { id: "p50Ms", label: "DBOS, a lone workflow of five steps, p50", unit: "ms" },
  { id: "p99Ms", label: "DBOS, a lone workflow of five steps, p99", unit: "ms" },
]);
