import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Scenario } from "../scenario.ts";

export const redisFlushed: Scenario = {
  name: "Redis flushed",
  fault: "FLUSHALL and SCRIPT FLUSH, ten times under load",
  seen: "Nothing: budgets begin anew.",
  isShort: false,
  async inflict({ redis }) {
    const client = new Redis(redis.url);
    for (let flush = 1; flush <= 10; flush++) {
      await client.flushall();
      await client.script("FLUSH");
      await sleep(200);
    }
    client.disconnect();
    return 0;
  },
};
