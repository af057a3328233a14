import { skipWithoutRedisServer } from "../../tests/support/redis.ts";
import { programScenario } from "../harness/program.ts";
import type { Scenario } from "../harness/scenario.ts";

function delivery(name: string, program: string, p50AimMs: number, missing: string | false): Scenario {
  return {
    name,
    metrics: [
      { id: "p50Ms", label: "commit to delivery, one subscriber, p50", unit: "ms", aim: { below: p50AimMs } },
      { id: "p99Ms", label: "commit to delivery, one subscriber, p99", unit: "ms" },
    ],
    open: async (server) => {
      if (missing === false) {
        return programScenario(name, new URL(`delivery/${program}.program.js`, import.meta.url), server);
      }
      console.error(`${name} is left out: ${missing}`);
      return null;
    },
  };
}

/** From the commit of an event until its subscriber has it. */
export const deliveryInProcess = delivery("delivery", "in-process", 2, false);
/** The same with a Redis of its own between. */
export const deliveryRedis = delivery("delivery-redis", "redis", 4, skipWithoutRedisServer);
