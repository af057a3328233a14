import { z } from "zod";
import {
  type Engine,
  type ExecutionTotals,
  fieldTexts,
  type JsonObject,
  startInput,
  type Workflow,
  workflowInput,
  workflowPatch,
  workflowStatuses,
} from "../engine/index.ts";
import {
  checkedByEngine,
  count,
  id,
  idParameter,
  inOneText,
  isoOf,
  isoOrNull,
  jsonObject,
  offset,
  timestamp,
  withoutReadOnly,
} from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const tags = ["workflows"];
const params = z.strictObject({ workflow_id: idParameter });
const documented = {
  workflow_config: jsonObject.describe("The steps: `{steps: [{name, type, config, …}]}`."),
  trigger_file_extensions: inOneText(workflowInput.shape.trigger_file_extensions),
};

const workflow = z
  .strictObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    workflow_config: jsonObject,
    trigger_config: jsonObject.nullable(),
    cron_schedule: z.string().nullable(),
    is_scheduled: z.boolean(),
    trigger_on_file_upload: z.boolean(),
    trigger_file_extensions: z.string().nullable(),
    status: z.enum(workflowStatuses),
    is_enabled: z.boolean(),
    timeout_seconds: z.int(),
    max_retries: z.int(),
    retention_days: z.int().optional().describe("Where it has one of its own."),
    total_executions: z.int().min(0),
    successful_executions: z.int().min(0),
    failed_executions: z.int().min(0).describe("Timed out ones too."),
    last_execution_at: timestamp.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Workflow" });

const readOnly = [
  "id",
  "total_executions",
  "successful_executions",
  "failed_executions",
  "last_execution_at",
  "created_at",
  "updated_at",
];

const about = fieldTexts(startInput);
const startBody = z.object({ trigger_data: jsonObject.nullish().describe(about.trigger_data) }).nullish();
const startHeaders = z.object({
  "idempotency-key": z.string().min(1).max(255).optional().describe(about.idempotency_key),
});

const read = { access: "read", limit: "monitoring" } as const;
const write = { access: "write", limit: "monitoring" } as const;

/** `/api/v1/workflows`: the workflows themselves, and their start. */
export function serveWorkflows(server: RestServer, { engine }: RestOptions): void {
  for (const serve of [listWorkflows, createWorkflow, getWorkflow, updateWorkflow, deleteWorkflow, startWorkflow])
    serve(server, engine);
}

function listWorkflows(server: RestServer, { workflows, statistics }: Engine): void {
  server.get(
    "/api/v1/workflows",
    {
      config: read,
      schema: {
        tags,
        operationId: "listWorkflows",
        summary: "List workflows, newest first",
        querystring: z.object({
          status: z.enum(workflowStatuses).optional().describe("Default: every status but `deleted`."),
          limit: count(1, 1_000, 100),
          offset,
        }),
        response: { 200: z.array(workflow), ...refusals(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { status, ...stretch } = request.query;
      const { tenantId } = actorOf(request);
      const found = await workflows.listAt(tenantId, status ? [status] : null, stretch);
      const ids = found.map((one) => one.id);
      const totals = await statistics.ofWorkflows(tenantId, ids);
      return found.map((one) => present(one, totals.get(one.id)));
    },
  );
}

function createWorkflow(server: RestServer, { workflows }: Engine): void {
  server.post(
    "/api/v1/workflows",
    {
      config: { access: "write", limit: "workflow_creation" },
      schema: {
        tags,
        operationId: "createWorkflow",
        summary: "Create a workflow",
        body: checkedByEngine(workflowInput.extend(documented)),
        response: { 200: workflow, ...refusals(400, 401, 403, 409, 429) },
      },
    },
    async (request) => {
      const input = withoutReadOnly(request.body, readOnly);
      return present(await workflows.create(actorOf(request).tenantId, input), undefined);
    },
  );
}

function getWorkflow(server: RestServer, { workflows, statistics }: Engine): void {
  server.get(
    "/api/v1/workflows/:workflow_id",
    {
      config: read,
      schema: {
        tags,
        operationId: "getWorkflow",
        summary: "Get a workflow",
        params,
        response: { 200: workflow, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const { workflow_id } = request.params;
      const { tenantId } = actorOf(request);
      const [found, totals] = await Promise.all([
        workflows.get(tenantId, workflow_id),
        statistics.ofWorkflows(tenantId, [workflow_id]),
      ]);
      return present(found, totals.get(workflow_id));
    },
  );
}

function updateWorkflow(server: RestServer, { workflows, statistics }: Engine): void {
  server.put(
    "/api/v1/workflows/:workflow_id",
    {
      config: write,
      schema: {
        tags,
        operationId: "updateWorkflow",
        summary: "Change what the body names; null clears what can be null",
        params,
        body: checkedByEngine(workflowPatch.extend(documented).partial()),
        response: { 200: workflow, ...refusals(400, 401, 403, 404, 409, 429) },
      },
    },
    async (request) => {
      const patch = withoutReadOnly(request.body, readOnly);
      const { tenantId } = actorOf(request);
      const changed = await workflows.update(tenantId, request.params.workflow_id, patch);
      const totals = await statistics.ofWorkflows(tenantId, [changed.id]);
      return present(changed, totals.get(changed.id));
    },
  );
}

function deleteWorkflow(server: RestServer, { workflows }: Engine): void {
  server.delete(
    "/api/v1/workflows/:workflow_id",
    {
      config: write,
      schema: {
        tags,
        operationId: "deleteWorkflow",
        summary: "Delete a workflow; executions that run go on",
        params,
        response: {
          200: z.strictObject({ message: z.string(), workflow_id: id }),
          ...refusals(400, 401, 403, 404, 429),
        },
      },
    },
    async (request) => {
      const { workflow_id } = request.params;
      await workflows.delete(actorOf(request).tenantId, workflow_id);
      return { message: "Workflow deleted successfully", workflow_id };
    },
  );
}

function startWorkflow(server: RestServer, { executions }: Engine): void {
  for (const [action, operationId] of [
    ["execute", "executeWorkflow"],
    ["trigger", "triggerWorkflow"],
  ] as const) {
    server.post(
      `/api/v1/workflows/:workflow_id/${action}`,
      {
        config: { access: "execute", limit: "execution" },
        schema: {
          tags,
          operationId,
          summary: action === "execute" ? "Start an execution" : "The same as execute",
          params,
          headers: startHeaders,
          body: startBody,
          response: {
            200: z.strictObject({ message: z.string(), execution_id: id, workflow_id: id }),
            ...refusals(400, 401, 403, 404, 409, 429, 503),
          },
        },
      },
      async (request) => {
        const { workflow_id } = request.params;
        const execution = await executions.start({
          tenantId: actorOf(request).tenantId,
          workflowId: workflow_id,
          triggerData: (request.body?.trigger_data ?? {}) as JsonObject,
          idempotencyKey: request.headers["idempotency-key"] ?? null,
          correlationId: request.id,
        });
        return { message: "Workflow execution started", execution_id: execution.id, workflow_id };
      },
    );
  }
}

function present(row: Workflow, totals: ExecutionTotals | undefined): z.output<typeof workflow> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    workflow_config: row.definition,
    trigger_config: row.triggerConfig,
    cron_schedule: row.cronSchedule,
    is_scheduled: row.isScheduled,
    trigger_on_file_upload: row.triggerOnFileUpload,
    trigger_file_extensions: row.triggerFileExtensions,
    status: row.status,
    is_enabled: row.isEnabled,
    timeout_seconds: row.timeoutSeconds,
    max_retries: row.maxRetries,
    ...(row.retentionDays !== null && { retention_days: row.retentionDays }),
    total_executions: totals?.started ?? 0,
    successful_executions: totals?.completed ?? 0,
    failed_executions: totals?.failed ?? 0,
    last_execution_at: isoOrNull(totals?.lastStartedAt ?? null),
    created_at: isoOf(row.createdAt),
    updated_at: isoOf(row.updatedAt),
  };
}
