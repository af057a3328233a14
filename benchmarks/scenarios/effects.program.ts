import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { IN_FLIGHT } from "./effects.ts";
import { measureWorkflow } from "./measure-workflow.ts";
import { requestDefinition } from "./order.ts";
import { openWorkflow } from "./workflow-under-test.ts";

const LONE_EXECUTIONS = 200;

const receiver = fork(fileURLToPath(new URL("receiver.program.js", import.meta.url)));
const [port] = (await once(receiver, "message")) as [number];
const workflow = await openWorkflow(requestDefinition(`http://127.0.0.1:${port}/orders`), IN_FLIGHT);
const load = { inFlight: IN_FLIGHT, warmUpMs: 1500, measureMs: 3000 };
const values = await measureWorkflow(workflow, load, LONE_EXECUTIONS);
await workflow.close();
receiver.disconnect();
console.log(JSON.stringify(values));
