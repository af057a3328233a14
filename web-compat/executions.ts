import { z } from "zod";
import type { Engine, TenantId } from "../engine/index.ts";
import { execution, presented, presentStep, step } from "./execution-view.ts";
import { count, id, idParameter, longIdParameter, offset } from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";
import { executionStatusesOf, executionWord, type RestExecutionStatus, restExecutionStatuses } from "./statuses.ts";

const tags = ["executions"];
const listed = {
  status: z.enum(restExecutionStatuses).optional().describe("Only executions with this status."),
  limit: count(1, 1_000, 50),
  offset,
};

const read = { access: "read", limit: "monitoring" } as const;

/** `/api/v1/workflows/executions` and what hangs below it. */
export function serveExecutions(server: RestServer, { engine }: RestOptions): void {
  for (const serve of [
    listWorkflowExecutions,
    listExecutions,
    getExecution,
    listExecutionSteps,
    deleteExecution,
    retryStep,
  ])
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

function deleteExecution(server: RestServer, { retention }: Engine): void {
  server.delete(
    "/api/v1/workflows/executions/:execution_id",
    {
      config: { access: "write", limit: "monitoring", statuses: { INVALID_STATE: 409 } },
      schema: {
        tags,
        operationId: "deleteExecution",
        summary: "Delete an execution that is over, with its children and all that is theirs",
        params: z.strictObject({ execution_id: longIdParameter }),
        response: {
          200: z.strictObject({ message: z.string(), execution_id: id }),
          ...refusals(400, 401, 403, 404, 409, 429, 503),
        },
      },
    },
    async (request) => {
      const { execution_id } = request.params;
      await retention.delete(actorOf(request).tenantId, execution_id);
      return { message: "Execution deleted successfully", execution_id };
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
