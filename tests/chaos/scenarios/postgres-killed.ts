import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const postgresKilled: Scenario = {
  name: "Postgres killed",
  fault: "SIGKILL to its postmaster under load; it is back after 3 s",
  seen: "/ready is 503, /health says unhealthy; requests are answered 503 DATABASE_UNAVAILABLE with Retry-After. All goes on by itself.",
  isShort: false,
  async inflict({ postgres }) {
    await postgres.stop("kill");
    await sleep(3_000);
    await postgres.start();
    return 1;
  },
};
