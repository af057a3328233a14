import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const redisFrozen: Scenario = {
  name: "Redis frozen",
  fault: "SIGSTOP for twelve seconds, then SIGCONT",
  seen: "/health says degraded. The first request of each second waits 250 ms for its budget, the others do not.",
  isShort: false,
  async inflict({ redis }) {
    redis.pause();
    await sleep(12_000);
    redis.resume();
    return 0;
  },
};
