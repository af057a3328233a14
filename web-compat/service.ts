import { z } from "zod";
import { stringifyStored, writtenDefinitionSchema } from "../engine/index.ts";
import { jsonObject } from "./fields.ts";
import { VERSION, writtenDocument } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const tags = ["service"];
const open = { access: "open" } as const;

/** What needs no key: where everything is, and how definitions are written. */
export function serveService(server: RestServer, { engine }: RestOptions): void {
  server.get(
    "/",
    {
      config: open,
      schema: {
        tags,
        operationId: "getService",
        summary: "What this is, and where everything is",
        security: [],
        response: {
          200: z.strictObject({
            service: z.string(),
            version: z.string(),
            description: z.string(),
            endpoints: z.record(z.string(), z.string()),
          }),
        },
      },
    },
    async () => ({
      service: "automation-services",
      version: VERSION,
      description: "Workflow automation with every step on the wire",
      endpoints: {
        templates: "/api/v1/templates",
        workflows: "/api/v1/workflows",
        files: "/api/v1/files",
        health: "/health",
        hooks: "/hooks/{token}",
        graphql: "/graphql",
        docs: "/docs",
        openapi: "/openapi.json",
        definition_schema: "/schemas/workflow-definition.json",
      },
    }),
  );

  server.get(
    "/schemas/workflow-definition.json",
    {
      config: open,
      schema: {
        tags,
        operationId: "getDefinitionSchema",
        summary: "The JSON Schema (2020-12) of `workflow_config`, for editors and validators",
        security: [],
        response: { 200: jsonObject },
      },
    },
    async (_request, reply) => {
      reply.type("application/schema+json").serializer(stringifyStored);
      return writtenDefinitionSchema(engine.stepTypes);
    },
  );

  server.get("/openapi.json", { config: open, schema: { hide: true } }, async () => writtenDocument(server));
}
