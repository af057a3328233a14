import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { CORRELATION_HEADER, correlationIdOf } from "./correlation.ts";
import type { Logger } from "./log.ts";

/** The HTTP server of PORT. `GET /live` answers as long as the process does: it asks nothing of the database. */
export function createApiServer(logger: Logger): FastifyInstance {
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "correlation_id" }),
    genReqId: correlationIdOf,
    forceCloseConnections: "idle",
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.header(CORRELATION_HEADER, request.id);
  });
  server.get("/live", async () => ({ status: "live" }));
  return server;
}
