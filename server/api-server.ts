import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { CORRELATION_HEADER, correlationIdOf } from "./correlation.ts";
import type { Logger } from "./log.ts";

/** The HTTP server of PORT. */
export function createApiServer(logger: Logger): FastifyInstance {
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "correlation_id" }),
    genReqId: correlationIdOf,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true },
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.header(CORRELATION_HEADER, request.id);
  });
  return server;
}
