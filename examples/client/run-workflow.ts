import { CreateWorkflow, ExecuteWorkflow, ExecutionResult } from "./operations.ts";
import { request, type Server, serverFromEnvironment } from "./server.ts";
import { watchExecution } from "./watch.ts";

/** What went wrong that the caller can mend. */
function refuse(userErrors: readonly { readonly message: string; readonly code: string }[]): void {
  if (userErrors.length > 0) throw new Error(userErrors.map(({ code, message }) => `${code}: ${message}`).join("; "));
}

/** Creates a workflow, executes it, waits for its end, and prints what came of it. */
export async function runWorkflow(server: Server, name: string, print: (line: string) => void): Promise<void> {
  const definition = {
    steps: [
      { name: "pause", type: "delay", config: { seconds: 1 } },
      { name: "greet", type: "log", config: { message: "Hello {{trigger.name}}" } },
    ],
  };
  const { createWorkflow } = await request(server, CreateWorkflow, { input: { name, definition } });
  refuse(createWorkflow.userErrors);
  const { id: workflowId } = createWorkflow.workflow!;

  const input = { workflowId, triggerData: { name: "Ada" }, idempotencyKey: crypto.randomUUID() };
  const { executeWorkflow } = await request(server, ExecuteWorkflow, { input });
  refuse(executeWorkflow.userErrors);
  const { id } = executeWorkflow.execution!;
  print(`${id} started`);

  // The events end when the execution does.
  for await (const { seq, type, stepName } of watchExecution(server, id)) print(`${seq} ${type} ${stepName ?? ""}`);

  const { execution } = await request(server, ExecutionResult, { id });
  print(`${id} ${execution!.status} after ${execution!.durationMs} ms: ${JSON.stringify(execution!.result)}`);
}

// STEPWIRE_API_KEY=sw_… node dist/examples/client/run-workflow.js
if (import.meta.main) await runWorkflow(serverFromEnvironment(), `hello ${Date.now()}`, console.log);
