import type { FastifyInstance } from "fastify";
import { acceptJson, createAuthenticate } from "../../edge/index.ts";
import type { Engine } from "../../engine/index.ts";
import {
  type Context,
  createContext,
  createReadGuard,
  createSchema,
  limitClassOf,
  requireReadable,
} from "../../schema/index.ts";
import type { Logger } from "../config/index.ts";
import { createGate } from "./admission.ts";
import { createDocumentReader, documentRules } from "./document.ts";
import { serveEventStream } from "./event-stream/serve.ts";
import { createExecutor } from "./executor.ts";
import type { GraphqlApi, OperationContext, ServedApi } from "./graphql-api.ts";
import { serveHttp } from "./http.ts";
import { boundOfVariables } from "./limits.ts";
import { createLiveServices } from "./live-services.ts";
import { unobserved } from "./observe-operation.ts";
import { createPresenter } from "./present.ts";
import { serveWebSocket } from "./web-socket/serve.ts";

export type { GraphqlApi } from "./graphql-api.ts";
export type { ObserveOperation } from "./observe-operation.ts";

/** Serves a schema at its path: HTTP, WebSocket, the page for browsers, and event streams at `/stream` below it. */
export async function serveGraphql<C extends OperationContext>(
  server: FastifyInstance,
  api: GraphqlApi<C>,
): Promise<void> {
  const { schema, introspection = true, observe = unobserved, logger } = api;
  const { edge } = server;
  const rules = documentRules(introspection);
  const findUnreadable = createReadGuard(schema);
  const served: ServedApi<C> = {
    ...api,
    edge,
    authenticate: createAuthenticate(api.keys, edge),
    rules,
    readDocument: createDocumentReader(schema, rules),
    gate: createGate(api),
    requireReadable: (context, operation) => requireReadable(findUnreadable, context, operation),
    observe,
    requestMs: server.requestMs,
    execute: createExecutor(schema),
    present: createPresenter(logger, introspection),
  };
  acceptJson(server, { takesNone: false, bound: boundOfVariables("variables") });
  await serveHttp(server, served);
  const services = createLiveServices(served);
  serveWebSocket(server, served, services);
  serveEventStream(server, served, services);
}

const example = `query Recent {
  executions(first: 10) {
    nodes {
      id
      status
      durationMs
      workflow { name }
      steps { nodes { name status attempt durationMs } }
    }
  }
}
`;

/** The engine's own API. */
export function engineApi(
  engine: Engine,
  logger: Logger,
  settings: Pick<GraphqlApi<Context>, "introspection" | "liveLimits" | "observe"> = {},
): GraphqlApi<Context> {
  return {
    path: "/graphql",
    example,
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
    rateLimiter: engine.rateLimiter,
    limitClassOf,
    createContext: (actor, correlationId) => createContext(engine, actor, correlationId),
    logger,
    ...settings,
  };
}
