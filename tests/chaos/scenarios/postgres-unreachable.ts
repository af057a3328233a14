import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const postgresUnreachable: Scenario = {
  name: "Postgres unreachable",
  fault: "connections stay open and nothing gets through, for fifteen seconds",
  seen: "Requests are 503 at their deadline; /ready is 503. No handles pile up. Normal again within seconds.",
  isShort: false,
  async inflict({ postgres: { proxy } }) {
    proxy.isStalled = true;
    await sleep(15_000);
    proxy.isStalled = false;
    return 1;
  },
};
