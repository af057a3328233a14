import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

export const postgresSlow: Scenario = {
  name: "Postgres slow",
  fault: "100 ms more each way, for ten seconds",
  seen: "Higher commit times in stepwire_journal_commit_seconds; larger batches. Nothing is refused.",
  isShort: false,
  async inflict({ postgres: { proxy } }) {
    proxy.delayMs = 100;
    await sleep(10_000);
    proxy.delayMs = 0;
    return 0;
  },
};
