import { z } from "zod";
import { compensationStatuses, fieldTexts, type JsonObject, skipCompensationInput } from "../../engine/index.ts";
import {
  type Saga,
  type SagaStep,
  type Sagas,
  sagaCommandTexts,
  sagaFilterTexts,
  sagaInput,
  sagaStatuses,
  sagaStepStatuses,
  sagaStepTexts,
  sagaTexts,
} from "../../saga/index.ts";
import { count, isoOrNull, jsonObject, offset, timestamp, told } from "../fields.ts";
import { actorOf } from "../guard.ts";
import { refusals } from "../openapi.ts";
import type { RestServer } from "../rest-server.ts";
import { checkTenant, tenantWord, word } from "./fields.ts";
import type { SagaRestOptions } from "./saga-options.ts";

const tags = ["sagas"];
const params = z.strictObject({ saga_id: z.string().max(64) });

const step = z
  .strictObject(
    told(sagaStepTexts, {
      id: z.string().describe(sagaStepTexts.name),
      name: z.string(),
      service: z.string().nullable(),
      command: z.string().nullable(),
      compensation_command: z.string().nullable(),
      timeout_seconds: z.number().nullable(),
      retry_attempts: z.int().min(0),
      status: z.enum(sagaStepStatuses),
      started_at: timestamp.nullable(),
      completed_at: timestamp.nullable(),
      error_message: z.string().nullable(),
      result: z.unknown(),
    }),
  )
  .meta({ id: "SagaStep" });

const saga = z
  .strictObject(
    told(sagaTexts, {
      id: z.string(),
      saga_id: z.string().describe("The same as `id`."),
      type: z.string(),
      saga_type: z.string().describe("The same as `type`."),
      status: z.enum(sagaStatuses),
      compensation_status: z.enum(compensationStatuses),
      steps: z.array(step),
      current_step: z.int().min(0),
      input_data: jsonObject,
      output_data: jsonObject,
      error_message: z.string().nullable(),
      correlation_id: z.string(),
      tenant_id: z.string(),
      started_at: timestamp,
      completed_at: timestamp.nullable(),
    }),
  )
  .meta({ id: "Saga" });

const about = fieldTexts(sagaInput);

const startBody = z.object({
  saga_type: word.describe(about.type),
  input_data: jsonObject.default({}).describe(about.input),
  correlation_id: word.nullish().describe(about.correlation_id),
  tenant_id: word.nullish().describe("The tenant of the key, or `automation-services`."),
});

const startHeaders = z.object({
  "idempotency-key": word.optional().describe(about.idempotency_key),
});

const cancelBody = z
  .object(told(sagaCommandTexts, { compensate: z.boolean().default(true), reason: word.nullish() }))
  .nullish();

const read = { access: "read", limit: "monitoring" } as const;
const execute = { access: "execute", limit: "execution" } as const;

/** `/sagas`: start, list, watch, cancel, and what an operator does when undoing has failed. */
export function serveSagas(server: RestServer, { sagas }: SagaRestOptions): void {
  for (const serve of [startSaga, listSagas, getSaga, listSagaSteps, cancelSaga, resumeCompensation, skipCompensation])
    serve(server, sagas);
}

function startSaga(server: RestServer, { sagas }: Sagas): void {
  server.post(
    "/sagas/start",
    {
      config: { ...execute, statuses: { SAGA_TYPE_NOT_FOUND: 400 } },
      schema: {
        tags,
        operationId: "startSaga",
        summary: "Start a saga; it runs on its own",
        headers: startHeaders,
        body: startBody,
        response: {
          200: z.strictObject({ saga_id: z.string(), status: z.literal("started"), message: z.string() }),
          ...refusals(400, 401, 403, 404, 409, 429, 503),
        },
      },
    },
    async (request) => {
      const { tenantId } = actorOf(request);
      const { saga_type: type, input_data, correlation_id = null, tenant_id } = request.body;
      checkTenant(tenant_id, tenantId);
      const sagaId = await sagas.start(tenantId, {
        type,
        input: input_data as JsonObject,
        correlationId: correlation_id,
        idempotencyKey: request.headers["idempotency-key"] ?? null,
      });
      return { saga_id: sagaId, status: "started", message: `SAGA ${type} started successfully` } as const;
    },
  );
}

function listSagas(server: RestServer, { sagas }: Sagas): void {
  server.get(
    "/sagas",
    {
      config: read,
      schema: {
        tags,
        operationId: "listSagas",
        summary: "List sagas, newest first; every execution of a workflow is one",
        querystring: z.object(
          told(sagaFilterTexts, {
            status: z.enum(sagaStatuses).optional(),
            saga_type: word.optional(),
            correlation_id: word.optional(),
            compensation_status: z.enum(compensationStatuses).optional(),
            limit: count(1, 1_000, 100),
            offset,
          }),
        ),
        response: {
          200: z.strictObject({ sagas: z.array(saga), total: z.int().min(0).describe("Of the whole list.") }),
          ...refusals(400, 401, 403, 429),
        },
      },
    },
    async (request) => {
      const { tenantId } = actorOf(request);
      const { status, saga_type: type, correlation_id: correlationId, compensation_status, ...stretch } = request.query;
      const query = { status, type, correlationId, compensationStatus: compensation_status };
      const [found, total] = await Promise.all([sagas.list(tenantId, query, stretch), sagas.count(tenantId, query)]);
      return { sagas: found.map(present), total };
    },
  );
}

function getSaga(server: RestServer, { sagas }: Sagas): void {
  server.get(
    "/sagas/:saga_id",
    {
      config: read,
      schema: {
        tags,
        operationId: "getSaga",
        summary: "Get a saga",
        params,
        response: { 200: saga, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => present(await sagas.get(actorOf(request).tenantId, request.params.saga_id)),
  );
}

function listSagaSteps(server: RestServer, { sagas }: Sagas): void {
  server.get(
    "/sagas/:saga_id/steps",
    {
      config: read,
      schema: {
        tags,
        operationId: "listSagaSteps",
        summary: "List the steps of a saga, also those that have not begun",
        params,
        response: { 200: z.array(step), ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const found = await sagas.get(actorOf(request).tenantId, request.params.saga_id);
      return found.steps.map(presentStep);
    },
  );
}

function cancelSaga(server: RestServer, { sagas }: Sagas): void {
  server.post(
    "/sagas/:saga_id/cancel",
    {
      config: execute,
      schema: {
        tags,
        operationId: "cancelSaga",
        summary: "Cancel a saga that is pending or running, and undo what it has done",
        params,
        body: cancelBody,
        response: {
          200: z.strictObject({ status: z.literal("cancelled"), message: z.string() }),
          ...refusals(400, 401, 403, 404, 429),
        },
      },
    },
    async (request) => {
      const { compensate = true, reason = null } = request.body ?? {};
      await sagas.cancel(actorOf(request).tenantId, request.params.saga_id, { compensate, reason });
      return { status: "cancelled", message: "SAGA cancellation initiated" } as const;
    },
  );
}

function resumeCompensation(server: RestServer, { sagas }: Sagas): void {
  server.post(
    "/sagas/:saga_id/compensation/resume",
    {
      config: execute,
      schema: {
        tags,
        operationId: "resumeCompensation",
        summary: "Try a compensation that failed for good again, and go on undoing",
        params,
        body: z.unknown().optional(),
        response: { 200: saga, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => present(await sagas.resumeCompensation(actorOf(request).tenantId, request.params.saga_id)),
  );
}

function skipCompensation(server: RestServer, { sagas }: Sagas): void {
  server.post(
    "/sagas/:saga_id/compensation/skip",
    {
      config: execute,
      schema: {
        tags,
        operationId: "skipCompensation",
        summary: "Leave out a compensation that failed for good, and go on undoing",
        params,
        body: z.object(told(fieldTexts(skipCompensationInput), { step: word, reason: word })),
        response: { 200: saga, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) =>
      present(await sagas.skipCompensation(actorOf(request).tenantId, request.params.saga_id, request.body)),
  );
}

function present(found: Saga): z.output<typeof saga> {
  const { id, type, status, execution } = found;
  return {
    id,
    saga_id: id,
    type,
    saga_type: type,
    status,
    compensation_status: execution.compensationStatus,
    steps: found.steps.map(presentStep),
    current_step: found.currentStep,
    input_data: found.input,
    output_data: found.output,
    error_message: execution.error?.message ?? null,
    correlation_id: found.correlationId,
    tenant_id: tenantWord(execution.tenantId),
    started_at: new Date(execution.startedAt ?? execution.createdAt).toISOString(),
    completed_at: isoOrNull(execution.completedAt),
  };
}

function presentStep(found: SagaStep): z.output<typeof step> {
  return {
    id: found.id,
    name: found.name,
    service: found.service,
    command: found.command,
    compensation_command: found.compensationCommand,
    timeout_seconds: found.timeoutSeconds,
    retry_attempts: found.retryAttempts,
    status: found.status,
    started_at: isoOrNull(found.startedAt),
    completed_at: isoOrNull(found.completedAt),
    error_message: found.error,
    result: found.result,
  };
}
