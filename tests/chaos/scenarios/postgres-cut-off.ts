import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const postgresCutOff: Scenario = {
  name: "Postgres cut off",
  fault: "connections are cut and refused for five seconds",
  seen: "As for a Postgres that is away.",
  isShort: false,
  async inflict({ postgres: { proxy } }) {
    proxy.cutAll(true);
    await sleep(5_000);
    proxy.cutAll();
    return 1;
  },
};
