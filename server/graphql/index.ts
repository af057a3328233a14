import type { FastifyInstance } from "fastify";
import type { Engine } from "../../engine/index.ts";
import { type Context, createContext, createSchema } from "../../schema/index.ts";
import type { Logger } from "../log.ts";
import { serveEventStream } from "./event-stream/serve.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { serveHttp } from "./http.ts";
import { createLiveServices } from "./live-services.ts";
import { serveWebSocket } from "./web-socket/serve.ts";

/** Serves a schema at its path: HTTP, WebSocket, the page for browsers, and event streams at `/stream` below it. */
export async function serveGraphql<C extends OperationContext>(
  server: FastifyInstance,
  api: GraphqlApi<C>,
): Promise<void> {
  await serveHttp(server, api);
  const services = createLiveServices(api);
  serveWebSocket(server, api, services);
  serveEventStream(server, api, services);
}

/** The engine's own API. */
export function engineApi(engine: Engine, logger: Logger): GraphqlApi<Context> {
  return {
    path: "/graphql",
    schema: createSchema(),
    keys: engine.keys,
    createContext: (actor, correlationId) => createContext(engine, actor, correlationId),
    logger,
  };
}
