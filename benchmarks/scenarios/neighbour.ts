import { programScenario } from "../harness/program.ts";
import type { Metric, Scenario, Values } from "../harness/scenario.ts";
import { hostileLoads } from "./neighbour/hostile.ts";

/** What the project wants of the p99 beside a load: a multiple of the same when idle, in the same process a moment before. */
const AIM = 3;
const program = new URL("neighbour/measure.program.js", import.meta.url);

const metrics: Metric[] = hostileLoads.flatMap(({ name, label }) => [
  { id: `${name}RunP50`, label: `one-step run beside ${label}, p50`, unit: "× idle" },
  { id: `${name}RunP99`, label: "the same, p99", unit: "× idle", aim: { below: AIM } },
  { id: `${name}LiveP50`, label: `GET /live beside ${label}, p50`, unit: "× idle" },
  { id: `${name}LiveP99`, label: "the same, p99", unit: "× idle", aim: { below: AIM } },
]);

/**
 * One tenant's one-step run and `/live`, idle and beside what another tenant does, each on a service of its own with rate
 * limits on. Load, upstream and measure are processes of their own, on the same cores: a busy machine is in the ratios.
 */
export const neighbour: Scenario = {
  name: "neighbour",
  metrics: [
    { id: "idleRunP50Ms", label: "one-step run, idle, p50", unit: "ms" },
    { id: "idleRunP99Ms", label: "such a run, p99", unit: "ms" },
    { id: "idleLiveP50Ms", label: "GET /live, idle, p50", unit: "ms" },
    { id: "idleLiveP99Ms", label: "such a request, p99", unit: "ms" },
    ...metrics,
  ],
  open: async (server) => ({
    async measure() {
      const all: Values[] = [];
      for (const { name } of hostileLoads) {
        all.push(await programScenario(`neighbour_${name}`, program, server, [name]).measure());
      }
      return Object.assign({}, ...all) as Values;
    },
    close: async () => {},
  }),
};
