import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";

/** What this Postgres takes from one Node process that does nothing but send these rows. */
export const postgresLimits: Scenario = {
  name: "postgres-limits",
  metrics: [
    { id: "singleAlone", label: "a commit a step, one connection", unit: "steps/s" },
    { id: "singleAloneP50Ms", label: "such a commit, p50", unit: "ms" },
    { id: "single16", label: "a commit a step, 16 connections", unit: "steps/s" },
    { id: "batch1", label: "unnest of 500 steps, one in flight", unit: "steps/s" },
    { id: "batch2", label: "unnest of 500 steps, two in flight", unit: "steps/s" },
    { id: "batch2CpuCores", label: "its CPU on this side", unit: "cores" },
  ],
  open: async (server) =>
    programScenario("postgres-limits", new URL("postgres-limits.program.js", import.meta.url), server),
};
