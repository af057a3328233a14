import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const TIMES = 10;

export const backendsTerminated: Scenario = {
  name: "backends terminated",
  fault: "all connections to Postgres are ended, ten times under load",
  seen: "Warnings that a connection was lost; no request that could be tried again fails.",
  isShort: false,
  async inflict({ postgres, name }) {
    for (let time = 1; time <= TIMES; time++) {
      await postgres.terminate(name);
      await sleep(300);
    }
    return TIMES;
  },
};
