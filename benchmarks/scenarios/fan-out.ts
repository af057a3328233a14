import { peerScenario } from "../harness/peer.ts";
import { programScenario } from "../harness/program.ts";
import type { Metric, Scenario } from "../harness/scenario.ts";

const audiences = [
  ["1", "one subscriber"],
  ["100", "100 subscribers of one execution"],
  ["1000", "1,000 subscribers of one execution"],
  ["Apart", "1,000 executions with a subscriber each"],
] as const;

const metrics: readonly Metric[] = [
  ...audiences.flatMap(([id, audience]): Metric[] => [
    { id: `perSecond${id}`, label: `${audience}`, unit: "deliveries/s" },
    { id: `cpuUs${id}`, label: `${audience}, CPU of the server`, unit: "µs/delivery" },
    { id: `p50Ms${id}`, label: `${audience}, p50 at 10,000 deliveries/s`, unit: "ms" },
    { id: `p99Ms${id}`, label: `${audience}, p99 at 10,000 deliveries/s`, unit: "ms" },
  ]),
  { id: "rssKib", label: "memory a subscriber, of 1,000 (RSS)", unit: "KiB" },
];

const aimed = metrics.map((metric) => (metric.id === "p99Ms1000" ? { ...metric, aim: { below: 50 } } : metric));

function fanOut(name: string, program: string, of: readonly Metric[]): Scenario {
  return {
    name,
    metrics: of,
    open: async (server) => programScenario(name, new URL(`fan-out/${program}.program.js`, import.meta.url), server),
  };
}

/**
 * `executionEvents` over WebSocket: keys, cursors, no gaps. Up to 16 events of an execution are under way at a time, and those
 * that have gathered when it is their turn go out in one write; the two others write each one. The latencies, at an even
 * pace, have nothing of that.
 */
export const fanOutStepwire = fanOut("fan-out", "stepwire", aimed);
/** graphql-ws with an iterator of graphql-subscriptions for each subscriber. */
export const fanOutGraphqlWs = peerScenario("fan-out-graphql-ws", "graphql-ws", metrics);
/** `ws` alone. */
export const fanOutBroadcast = fanOut("fan-out-broadcast", "broadcast", metrics);
