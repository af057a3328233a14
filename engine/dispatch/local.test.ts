import { steadyClock } from "../runtime/clock.ts";
import { dispatcherContract } from "./dispatcher.contract.ts";
import { LocalDispatcher } from "./local.ts";

dispatcherContract({
  name: "the local",
  isExclusive: true,
  create: (database) => new LocalDispatcher(database.url, database.pool, steadyClock, () => {}),
});
