import { type Bus, channels } from "../../engine/bus/bus.ts";
import type { ExecutionChange, JsonObject } from "../../engine/index.ts";
import type { JournalStats } from "../../engine/journal/journal.ts";
import { endingEvents } from "../../engine/model/events.ts";
import { benchmarkEngine, TENANT } from "./benchmark-engine.ts";
import { order } from "./order.ts";

/** One workflow in an engine of its own, as the faces use it. */
export interface WorkflowUnderTest {
  readonly journalStats: JournalStats;
  /** Starts an execution; resolves when its last event is committed and published. Rejects unless it has completed. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** `concurrency`: executions that the worker holds at once. */
export async function openWorkflow(
  definition: JsonObject,
  databaseUrl: string,
  concurrency: number,
): Promise<WorkflowUnderTest> {
  const { engine, close } = await benchmarkEngine(databaseUrl, { concurrency });
  const workflow = await engine.workflows.create(TENANT, { name: "order", workflow_config: definition });
  const ended = await endings(engine.bus, workflow.id);
  return {
    journalStats: engine.journalStats,
    start: async () => {
      const { id } = await engine.executions.start({
        tenantId: TENANT,
        workflowId: workflow.id,
        triggerData: { order },
      });
      const type = await ended(id);
      if (type !== "execution.completed") throw new Error(`Execution ${id} ended with ${type}`);
    },
    close,
  };
}

/** Tells for each execution how it ended, whether that was before or after the question. */
async function endings(bus: Bus, workflowId: number): Promise<(executionId: number) => Promise<string>> {
  const asked = new Map<number, (type: string) => void>();
  const early = new Map<number, string>();
  await bus.subscribe(channels.workflow(workflowId), (message) => {
    const { executionId, type } = message as ExecutionChange;
    if (!endingEvents.includes(type)) return;
    const answer = asked.get(executionId);
    if (answer) answer(type);
    else early.set(executionId, type);
    asked.delete(executionId);
  });
  return (executionId) => {
    const type = early.get(executionId);
    early.delete(executionId);
    return type === undefined ? new Promise((resolve) => asked.set(executionId, resolve)) : Promise.resolve(type);
  };
}
