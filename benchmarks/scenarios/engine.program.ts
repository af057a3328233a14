import { IN_FLIGHT } from "./engine.ts";
import { measureWorkflow } from "./measure-workflow.ts";
import { transformDefinition } from "./order.ts";

const LONE_EXECUTIONS = 500;

const load = { inFlight: IN_FLIGHT, warmUpMs: 1500, measureMs: 3000 };
console.log(JSON.stringify(await measureWorkflow(transformDefinition, load, LONE_EXECUTIONS)));
