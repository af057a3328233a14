import type { FastifyInstance } from "fastify";
import type { Engine } from "../../engine/index.ts";
import { createSchema } from "../../schema/index.ts";
import type { Logger } from "../log.ts";
import { createGate } from "./admission.ts";
import { createDocumentReader, documentRules } from "./document.ts";
import { serveHttp } from "./http.ts";
import { createPresenter } from "./present.ts";
import type { GraphqlService } from "./service.ts";
import { serveWebSocket } from "./web-socket.ts";

const path = "/graphql";

interface GraphqlSettings {
  /** Whether clients may ask for the schema. Default true. */
  readonly introspection?: boolean;
}

/** The GraphQL API at /graphql: HTTP, WebSocket and the page for browsers. */
export async function serveGraphql(
  server: FastifyInstance,
  engine: Engine,
  logger: Logger,
  { introspection = true }: GraphqlSettings = {},
): Promise<void> {
  const schema = createSchema();
  const rules = documentRules(introspection);
  const service: GraphqlService = {
    path,
    schema,
    engine,
    rules,
    readDocument: createDocumentReader(schema, rules),
    gate: createGate(schema, engine.rateLimiter),
    present: createPresenter(logger, introspection),
  };
  await serveHttp(server, service);
  serveWebSocket(server, service);
}
