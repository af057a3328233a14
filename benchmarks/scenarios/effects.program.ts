import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { IN_FLIGHT } from "./effects.ts";
import { measureWorkflow } from "./measure-workflow.ts";
import { requestDefinition } from "./order.ts";

const LONE_EXECUTIONS = 200;

const receiver = fork(fileURLToPath(new URL("receiver.program.js", import.meta.url)));
const [port] = (await once(receiver, "message")) as [number];
const load = { inFlight: IN_FLIGHT, warmUpMs: 1500, measureMs: 3000 };
const definition = requestDefinition(`http://127.0.0.1:${port}/orders`);
console.log(JSON.stringify(await measureWorkflow(definition, load, LONE_EXECUTIONS)));
receiver.disconnect();
