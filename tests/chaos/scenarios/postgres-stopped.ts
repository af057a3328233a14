import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const postgresStopped: Scenario = {
  name: "Postgres stopped",
  fault: "a fast shutdown under load; it is back after 15 s",
  seen: "/ready is 503, /health says unhealthy; requests are answered 503 DATABASE_UNAVAILABLE with Retry-After. All goes on by itself.",
  isShort: false,
  async inflict({ postgres }) {
    await postgres.stop("fast");
    await sleep(15_000);
    await postgres.start();
    return 1;
  },
};
