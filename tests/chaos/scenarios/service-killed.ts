import type { Scenario } from "../scenario.ts";

const KILLS = 3;

export const serviceKilled: Scenario = {
  name: "service killed",
  fault: "SIGKILL, three times under load; each time another one is started",
  seen: "The exit code 137. The next start takes over what was in hand; a step that was cut off runs again under its key.",
  isShort: true,
  async inflict(world) {
    for (let kill = 1; kill <= KILLS; kill++) {
      await world.service.kill("SIGKILL");
      await world.start();
      await world.upstream.more(10);
    }
    return KILLS;
  },
};
