import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const clockSlewed: Scenario = {
  name: "clock slewed",
  fault: "the clock of the service runs at half its speed for eight seconds, then at double",
  seen: "Nothing.",
  isShort: false,
  async inflict(world) {
    await world.setClock(0, 0.5);
    await sleep(8_000);
    await world.setClock(0, 2);
    await sleep(8_000);
    await world.setClock(0, 1);
    return 0;
  },
};
