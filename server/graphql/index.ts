import type { FastifyInstance } from "fastify";
import type { Engine } from "../../engine/index.ts";
import { createSchema } from "../../schema/index.ts";
import type { Logger } from "../log.ts";
import { serveHttp } from "./http.ts";
import { serveWebSocket } from "./web-socket.ts";

const path = "/graphql";

/** The GraphQL API at /graphql: HTTP, WebSocket and the page for browsers. */
export async function serveGraphql(server: FastifyInstance, engine: Engine, logger: Logger): Promise<void> {
  const options = { path, schema: createSchema(), engine, logger };
  await serveHttp(server, options);
  serveWebSocket(server, options);
}
