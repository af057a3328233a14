import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const tablesLocked: Scenario = {
  name: "tables locked",
  fault: "LOCK TABLE execution, api_key for ten seconds",
  seen: "Requests are 503 at their deadline, and /live answers; the log names what waited. Normal again when the lock is gone.",
  isShort: true,
  async inflict({ postgres, name }) {
    await postgres.session(name, async (client) => {
      await client.query("BEGIN; LOCK TABLE execution, api_key IN ACCESS EXCLUSIVE MODE");
      await sleep(10_000);
      await client.query("COMMIT");
    });
    return 1;
  },
};
