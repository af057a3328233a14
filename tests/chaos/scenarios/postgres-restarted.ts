import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const RESTARTS = 5;

export const postgresRestarted: Scenario = {
  name: "Postgres restarted",
  fault: "five fast restarts, one every two seconds",
  seen: "As for one restart: warnings in the log for each outage, once.",
  isShort: true,
  async inflict({ postgres }) {
    for (let restart = 1; restart <= RESTARTS; restart++) {
      await postgres.stop("fast");
      await postgres.start();
      await sleep(2_000);
    }
    return RESTARTS;
  },
};
