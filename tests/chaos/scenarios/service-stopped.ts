import type { Scenario } from "../scenario.ts";

export const serviceStopped: Scenario = {
  name: "service stopped",
  fault: "SIGTERM under load, then another start",
  seen: "/ready is 503, then exit 0; requests that were taken are answered, executions wait for the next start.",
  isShort: false,
  async inflict(world) {
    const { code, stderr } = await world.service.kill("SIGTERM");
    if (code !== 0 || stderr !== "") throw new Error(`it stopped with ${code}: ${stderr}`);
    await world.start();
    return 1;
  },
};
