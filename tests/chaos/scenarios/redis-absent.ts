import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const redisAbsent: Scenario = {
  name: "Redis absent",
  fault: "the service is stopped and started with no Redis, which comes after ten seconds",
  seen: "The start takes two seconds longer; /health says degraded until Redis is there.",
  isShort: false,
  async inflict(world) {
    await world.redis.kill();
    await world.service.kill("SIGTERM");
    await world.start();
    await sleep(10_000);
    await world.redis.start();
    return 1;
  },
};
