import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Logger } from "./log.ts";

/** The HTTP server of PORT. `GET /live` answers as long as the process does: it asks nothing of the database. */
export function createApiServer(logger: Logger): FastifyInstance {
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: "idle",
  });
  server.get("/live", async () => ({ status: "live" }));
  return server;
}
