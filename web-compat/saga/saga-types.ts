import { z } from "zod";
import { isJsonObject, type JsonObject } from "../../engine/index.ts";
import { type SagaType, sagaTypeInput, WORKFLOW_EXECUTION } from "../../saga/index.ts";
import { checkedByEngine, isoOf, jsonObject, timestamp } from "../fields.ts";
import { actorOf } from "../guard.ts";
import { refusals } from "../openapi.ts";
import type { RestServer } from "../rest-server.ts";
import { word } from "./fields.ts";
import type { SagaRestOptions } from "./saga-options.ts";

const tags = ["saga types"];

const available = z.strictObject({
  name: z.string(),
  description: z.string(),
  required_fields: z.array(z.string()),
  optional_fields: z.array(z.string()),
});

const sagaType = z
  .strictObject({
    name: z.string(),
    description: z.string().nullable(),
    version: z.int().min(1),
    input_schema: jsonObject.nullable(),
    steps: z.array(jsonObject),
    timeout_seconds: z.int(),
    max_retries: z.int(),
    trigger: jsonObject.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "SagaType" });

/** `/sagas/types`: what can be started. */
export function serveSagaTypes(server: RestServer, { sagas: { types } }: SagaRestOptions): void {
  const read = { access: "read", limit: "monitoring" } as const;

  server.get(
    "/sagas/types/available",
    {
      config: read,
      schema: {
        tags,
        operationId: "listAvailableSagaTypes",
        summary: "List what can be started, and the fields of its input",
        response: { 200: z.strictObject({ saga_types: z.array(available) }), ...refusals(401, 403, 429) },
      },
    },
    async (request) => {
      const registered = await types.list(actorOf(request).tenantId);
      return { saga_types: [builtIn, ...registered.map(presentAvailable)] };
    },
  );

  server.get(
    "/sagas/types",
    {
      config: read,
      schema: {
        tags,
        operationId: "listSagaTypes",
        summary: "List registered saga types by name, in full",
        response: { 200: z.array(sagaType), ...refusals(401, 403, 429) },
      },
    },
    async (request) => (await types.list(actorOf(request).tenantId)).map(present),
  );

  server.post(
    "/sagas/types",
    {
      config: { access: "write", limit: "workflow_creation" },
      schema: {
        tags,
        operationId: "registerSagaType",
        summary: "Register a saga type, or its next version; sagas that run keep theirs",
        body: checkedByEngine(sagaTypeInput),
        response: { 200: sagaType, ...refusals(400, 401, 403, 409, 429) },
      },
    },
    async (request) => present(await types.register(actorOf(request).tenantId, request.body as JsonObject)),
  );

  server.get(
    "/sagas/types/:name",
    {
      config: read,
      schema: {
        tags,
        operationId: "getSagaType",
        summary: "Get a registered saga type",
        params: z.strictObject({ name: word }),
        response: { 200: sagaType, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => present(await types.get(actorOf(request).tenantId, request.params.name)),
  );
}

const builtIn: z.output<typeof available> = {
  name: WORKFLOW_EXECUTION,
  description: "An execution of a workflow",
  required_fields: ["workflow_id"],
  optional_fields: ["execution_id", "workflow_config", "timeout_seconds", "trigger_data"],
};

function presentAvailable({ name, description, document }: SagaType): z.output<typeof available> {
  const { required, properties } = isJsonObject(document.input_schema) ? document.input_schema : {};
  const required_fields = Array.isArray(required) ? required.map(String) : [];
  const known = isJsonObject(properties) ? Object.keys(properties) : [];
  return {
    name,
    description: description ?? "",
    required_fields,
    optional_fields: known.filter((field) => !required_fields.includes(field)),
  };
}

function present({ name, description, version, document, createdAt, updatedAt }: SagaType): z.output<typeof sagaType> {
  return {
    name,
    description,
    version,
    input_schema: (document.input_schema ?? null) as JsonObject | null,
    steps: document.steps as unknown as JsonObject[],
    timeout_seconds: document.timeout_seconds as number,
    max_retries: document.max_retries as number,
    trigger: (document.trigger ?? null) as JsonObject | null,
    created_at: isoOf(createdAt),
    updated_at: isoOf(updatedAt),
  };
}
