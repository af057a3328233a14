import { z } from "zod";
import { VERSION } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const tags = ["service"];
const open = { access: "open" } as const;

/** What needs no key: where everything is. */
export function serveService(server: RestServer, _options: RestOptions): void {
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
      },
    }),
  );

  server.get("/openapi.json", { config: open, schema: { hide: true } }, async () => server.swagger());
}
