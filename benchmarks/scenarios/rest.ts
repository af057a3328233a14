import { installed } from "../harness/peer.ts";
import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";

/** The REST API of the built service, its load made in another process, beside what it stands on. */
export const rest: Scenario = {
  name: "rest",
  metrics: [
    { id: "bareRoute", label: "a bare Fastify route with the same JSON, 50 connections", unit: "req/s" },
    { id: "bareRouteP99Ms", label: "such a request, p99", unit: "ms" },
    { id: "bareQuery", label: "a bare pg query by id, 50 in flight on 6 connections", unit: "queries/s" },
    { id: "bareQueryP99Ms", label: "such a query, p99", unit: "ms" },
    { id: "getWorkflow", label: "GET /api/v1/workflows/{id}, 50 connections", unit: "req/s" },
    { id: "getWorkflowP99Ms", label: "such a request, p99", unit: "ms" },
    { id: "list", label: "GET /api/v1/workflows?limit=100, 50 connections", unit: "req/s" },
    { id: "listP99Ms", label: "such a request, p99", unit: "ms" },
    { id: "execute", label: "POST /api/v1/workflows/{id}/execute, 50 connections", unit: "req/s" },
    { id: "executeP99Ms", label: "such a request, p99", unit: "ms" },
  ],
  open: async (server) =>
    (await installed("rest", "autocannon"))
      ? programScenario("rest", new URL("rest.program.js", import.meta.url), server)
      : null,
};
