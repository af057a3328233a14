import type { FastifyInstance } from "fastify";
import type { Engine } from "../../engine/index.ts";
import { type Context, createContext, createSchema } from "../../schema/index.ts";
import type { Logger } from "../log.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { serveHttp } from "./http.ts";
import { serveWebSocket } from "./web-socket.ts";

/** Serves a schema: HTTP, WebSocket and the page for browsers, all at its path. */
export async function serveGraphql<C extends OperationContext>(
  server: FastifyInstance,
  api: GraphqlApi<C>,
): Promise<void> {
  await serveHttp(server, api);
  serveWebSocket(server, api);
}

/** The engine's own API. */
export function engineApi(engine: Engine, logger: Logger): GraphqlApi<Context> {
  return {
    path: "/graphql",
    schema: createSchema(),
    keys: engine.keys,
    refused: (correlationId) =>
      engine.audit.record({
        tenantId: null,
        actor: "anonymous",
        action: "graphql",
        target: null,
        correlationId,
        before: null,
        after: null,
        refused: "UNAUTHENTICATED",
      }),
    createContext: (actor, correlationId) => createContext(engine, actor, correlationId),
    logger,
  };
}
