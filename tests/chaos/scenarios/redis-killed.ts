import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const redisKilled: Scenario = {
  name: "Redis killed",
  fault: "SIGKILL, three times; it is back after two seconds",
  seen: "/health says degraded. Live events come from Postgres, budgets are per process until it is back.",
  isShort: true,
  async inflict({ redis }) {
    for (let kill = 1; kill <= 3; kill++) {
      await redis.kill();
      await sleep(2_000);
      await redis.start();
      await sleep(1_000);
    }
    return 0;
  },
};
