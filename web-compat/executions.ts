import { z } from "zod";
import {
  type Engine,
  type ExecutionRecord,
  executionTexts,
  isExecutionOver,
  type JsonObject,
  type StepRecord,
  type TenantId,
  triggerTypes,
} from "../engine/index.ts";
import { count, id, idParameter, isoOf, isoOrNull, jsonObject, longIdParameter, offset, timestamp } from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";
import {
  executionStatusesOf,
  executionWord,
  type RestExecutionStatus,
  restExecutionStatuses,
  restStepStatuses,
  stepWord,
} from "./statuses.ts";

const tags = ["executions"];
const duration = z.int().min(0).nullable().describe("Milliseconds from start to end; null before the end.");

const execution = z
  .strictObject({
    id,
    workflow_id: id,
    trigger_type: z.enum(triggerTypes),
    trigger_data: jsonObject,
    status: z.enum(restExecutionStatuses).describe("`running` while it waits, is paused or is being undone, too."),
    execution_time_ms: duration,
    retry_count: z.int().min(0).describe("Attempts of its steps beyond the first."),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable().describe(executionTexts.completed_at),
    result_data: jsonObject.nullable().describe(executionTexts.result),
    error_message: z.string().nullable(),
  })
  .meta({ id: "Execution" });

const step = z
  .strictObject({
    id,
    step_order: z.int().min(1),
    step_name: z.string(),
    step_type: z.string(),
    status: z.enum(restStepStatuses).describe("`running` while it waits, too."),
    execution_time_ms: duration,
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
    input_data: z.unknown().describe("The step's config with every placeholder filled in; secrets masked."),
    output_data: z.unknown(),
    retry_count: z.int().min(0),
    error_message: z.string().nullable(),
  })
  .meta({ id: "Step" });

const listed = {
  status: z.enum(restExecutionStatuses).optional().describe("Only executions with this status."),
  limit: count(1, 1_000, 50),
  offset,
};

const read = { access: "read", limit: "monitoring" } as const;

/** `/api/v1/workflows/executions` and what hangs below it. */
export function serveExecutions(server: RestServer, { engine }: RestOptions): void {
  for (const serve of [listWorkflowExecutions, listExecutions, getExecution, listExecutionSteps, retryStep])
    serve(server, engine);
}

function listWorkflowExecutions(server: RestServer, { workflows, executionQueries }: Engine): void {
  server.get(
    "/api/v1/workflows/:workflow_id/executions",
    {
      config: read,
      schema: {
        tags,
        operationId: "listWorkflowExecutions",
        summary: "List executions of a workflow, newest first",
        params: z.strictObject({ workflow_id: idParameter }),
        querystring: z.object(listed),
        response: { 200: z.array(execution), ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const { tenantId } = actorOf(request);
      const { workflow_id } = request.params;
      await workflows.get(tenantId, workflow_id);
      return list(executionQueries, tenantId, workflow_id, request.query);
    },
  );
}

function listExecutions(server: RestServer, { executionQueries }: Engine): void {
  server.get(
    "/api/v1/workflows/executions",
    {
      config: read,
      schema: {
        tags,
        operationId: "listExecutions",
        summary: "List executions of all workflows, newest first",
        querystring: z.object({ workflow_id: idParameter.optional().describe("Only of this workflow."), ...listed }),
        response: { 200: z.array(execution), ...refusals(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { workflow_id, ...query } = request.query;
      return list(executionQueries, actorOf(request).tenantId, workflow_id, query);
    },
  );
}

function getExecution(server: RestServer, { executions, executionQueries }: Engine): void {
  server.get(
    "/api/v1/workflows/executions/:execution_id",
    {
      config: read,
      schema: {
        tags,
        operationId: "getExecution",
        summary: "Get an execution",
        params: z.strictObject({ execution_id: longIdParameter }),
        response: { 200: execution, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const found = await executions.get(actorOf(request).tenantId, request.params.execution_id);
      return (await presented(executionQueries, [found]))[0]!;
    },
  );
}

function listExecutionSteps(server: RestServer, { executions }: Engine): void {
  server.get(
    "/api/v1/workflows/executions/:execution_id/steps",
    {
      config: read,
      schema: {
        tags,
        operationId: "listExecutionSteps",
        summary: "List the steps of an execution, in the order in which they began",
        params: z.strictObject({ execution_id: longIdParameter }),
        response: { 200: z.array(step), ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const found = await executions.steps(actorOf(request).tenantId, request.params.execution_id);
      return found.map(presentStep);
    },
  );
}

function retryStep(server: RestServer, { executions }: Engine): void {
  server.post(
    "/api/v1/workflows/steps/:step_id/retry",
    {
      config: { access: "execute", limit: "execution" },
      schema: {
        tags,
        operationId: "retryStep",
        summary: "Retry the step that failed an execution, and go on from there",
        params: z.strictObject({ step_id: longIdParameter }),
        body: z.unknown().optional(),
        response: {
          200: z.strictObject({
            message: z.string(),
            step_id: id,
            execution_id: id,
            status: z.enum(restExecutionStatuses).describe("Of the execution."),
          }),
          ...refusals(400, 401, 403, 404, 429, 503),
        },
      },
    },
    async (request) => {
      const { step_id } = request.params;
      const { execution: reopened } = await executions.retryStep(actorOf(request).tenantId, step_id);
      const status = executionWord(reopened);
      return { message: "Step retry initiated", step_id, execution_id: reopened.id, status };
    },
  );
}

type Queries = Engine["executionQueries"];

async function list(
  queries: Queries,
  tenantId: TenantId,
  workflowId: number | undefined,
  { status, ...stretch }: { status?: RestExecutionStatus | undefined; limit: number; offset: number },
) {
  const statuses = status && executionStatusesOf(status);
  return presented(queries, await queries.listAt(tenantId, { workflowId, statuses }, stretch));
}

async function presented(queries: Queries, found: readonly ExecutionRecord[]) {
  const outcomes = await queries.outcomesOf(found.map((one) => one.id));
  return found.map((one) => present(one, outcomes.get(one.id)!));
}

function present(
  row: ExecutionRecord,
  { result, retries }: { readonly result: JsonObject; readonly retries: number },
): z.output<typeof execution> {
  return {
    id: row.id,
    workflow_id: row.workflowId,
    trigger_type: row.triggerType,
    trigger_data: row.triggerData,
    status: executionWord(row),
    execution_time_ms: elapsed(row),
    retry_count: retries,
    created_at: isoOf(row.createdAt),
    started_at: isoOrNull(row.startedAt),
    completed_at: isoOrNull(row.completedAt),
    result_data: isExecutionOver(row.status) ? result : null,
    error_message: row.error?.message ?? null,
  };
}

function presentStep(row: StepRecord): z.output<typeof step> {
  return {
    id: row.id,
    step_order: row.order,
    step_name: row.name,
    step_type: row.type,
    status: stepWord(row),
    execution_time_ms: elapsed(row),
    started_at: isoOrNull(row.startedAt),
    completed_at: isoOrNull(row.completedAt),
    input_data: row.input,
    output_data: row.output,
    retry_count: Math.max(row.attempt - 1, 0),
    error_message: row.error?.message ?? null,
  };
}

function elapsed({ startedAt, completedAt }: { startedAt: number | null; completedAt: number | null }): number | null {
  return startedAt === null || completedAt === null ? null : completedAt - startedAt;
}
