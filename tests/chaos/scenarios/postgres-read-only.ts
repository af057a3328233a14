import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const postgresReadOnly: Scenario = {
  name: "Postgres read-only",
  fault: "default_transaction_read_only, as on a replica or by a failover, for eight seconds",
  seen: "/ready is 503 and /health says unhealthy; starts are 503. The journal keeps what it has and goes on by itself.",
  isShort: false,
  async inflict({ postgres, name }) {
    await postgres.admin(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await postgres.terminate(name);
    await sleep(8_000);
    await postgres.admin(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await postgres.terminate(name);
    return 2;
  },
};
