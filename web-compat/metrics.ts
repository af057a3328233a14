import { z } from "zod";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

/** `/metrics`, in the text format of Prometheus. */
export function serveMetrics(server: RestServer, { metrics }: RestOptions): void {
  if (metrics === undefined) return;
  server.get(
    "/metrics",
    {
      config: { access: metrics.access },
      schema: {
        tags: ["service"],
        operationId: "getMetrics",
        summary: "Measurements of this process, for Prometheus; METRICS=key asks for a key, METRICS=off for nothing",
        security: [],
        response: { 200: z.string().describe("Prometheus text format 0.0.4."), ...refusals(401, 403) },
      },
      serializerCompiler: () => String,
    },
    async (_request, reply) => {
      reply.type(metrics.contentType);
      return metrics.read();
    },
  );
}
