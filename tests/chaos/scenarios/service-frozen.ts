import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const serviceFrozen: Scenario = {
  name: "service frozen",
  fault: "SIGSTOP for five seconds, then SIGCONT",
  seen: "Probes that time out, then all is as before: nothing is taken over meanwhile, nothing runs twice.",
  isShort: false,
  async inflict(world) {
    process.kill(world.pid, "SIGSTOP");
    await sleep(5_000);
    process.kill(world.pid, "SIGCONT");
    return 0;
  },
};
