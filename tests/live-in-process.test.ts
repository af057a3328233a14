import { liveContract } from "./support/contracts/live.ts";

liveContract("in-process", false, async () => ({
  options: {},
  // There is no broker that could fail.
  disturb: async () => {},
  close: async () => {},
}));
