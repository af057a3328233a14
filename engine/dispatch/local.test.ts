import { dispatcherContract } from "../../tests/support/contracts/dispatcher.ts";
import { steadyClock } from "../runtime/clock.ts";
import { LocalDispatcher } from "./local.ts";

dispatcherContract({
  name: "the local",
  isExclusive: true,
  create: (database) => new LocalDispatcher(database.url, database.pool, steadyClock, () => {}),
});
