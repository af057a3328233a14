import { IN_FLIGHT } from "./engine.ts";
import { measureWorkflow } from "./measure-workflow.ts";
import { transformDefinition } from "./order.ts";
import { openWorkflow } from "./workflow-under-test.ts";

const LONE_EXECUTIONS = 500;

const workflow = await openWorkflow(transformDefinition, IN_FLIGHT);
const load = { inFlight: IN_FLIGHT, warmUpMs: 1500, measureMs: 3000 };
const values = await measureWorkflow(workflow, load, LONE_EXECUTIONS);
await workflow.close();
console.log(JSON.stringify(values));
