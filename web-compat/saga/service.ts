import { z } from "zod";
import { VERSION, writtenDocument } from "../openapi.ts";
import type { RestServer } from "../rest-server.ts";
import type { SagaRestOptions } from "./saga-options.ts";

const tags = ["service"];
const open = { access: "open" } as const;

/** What needs no key on the orchestrator's port: where everything is. */
export function serveSagaService(server: RestServer, _options: SagaRestOptions): void {
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
      service: "saga-orchestrator",
      version: VERSION,
      description: "Distributed transactions for services and workflows",
      endpoints: {
        sagas: "/api/v1/sagas",
        saga_types: "/api/v1/sagas/types/available",
        events: "/api/v1/events",
        graphql: "/graphql",
        docs: "/docs",
        openapi: "/openapi.json",
      },
    }),
  );

  server.get("/openapi.json", { config: open, schema: { hide: true } }, async () => writtenDocument(server));
}
