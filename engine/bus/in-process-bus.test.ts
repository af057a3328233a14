import { busContract } from "./bus.contract.ts";
import { InProcessBus } from "./in-process-bus.ts";

busContract("the in-process", async () => new InProcessBus());
