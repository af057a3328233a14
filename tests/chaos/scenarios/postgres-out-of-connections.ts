import { setTimeout as sleep } from "node:timers/promises";
import { serviceRole } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

export const postgresOutOfConnections: Scenario = {
  name: "Postgres out of connections",
  fault: "every connection is ended and new ones are refused (53300) for eight seconds",
  seen: "As for a Postgres that is away: 503 and /ready 503 until there are connections again.",
  isShort: false,
  async inflict({ postgres, name }) {
    await postgres.admin(`ALTER ROLE ${serviceRole} CONNECTION LIMIT 0`);
    await postgres.terminate(name);
    await sleep(8_000);
    await postgres.admin(`ALTER ROLE ${serviceRole} CONNECTION LIMIT -1`);
    return 1;
  },
};
