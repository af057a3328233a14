import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const clockBack: Scenario = {
  name: "clock one hour back",
  fault: "the clock of the service is set one hour back; set right after eight seconds",
  seen: "Timestamps that jump. Timers, backoffs and deadlines keep going.",
  isShort: true,
  async inflict(world) {
    await world.setClock(-3_600_000);
    await sleep(8_000);
    await world.setClock(3_600_000);
    return 0;
  },
};
