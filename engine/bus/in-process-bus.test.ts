import { busContract } from "../../tests/support/contracts/bus.ts";
import { InProcessBus } from "./in-process-bus.ts";

busContract("the in-process", async () => new InProcessBus());
