import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { GraphQLError, getOperationAST } from "graphql";
import { CloseCode } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { authenticate } from "../authentication.ts";
import { correlationIdOf } from "../correlation.ts";
import type { Admission } from "./admission.ts";
import type { OperationContext, ServedApi } from "./graphql-api.ts";
import { maxRequestBytes } from "./limits.ts";
import { prepareOperation } from "./prepare-operation.ts";

/** Proxies commonly cut a connection that is silent for a minute. */
const keepAliveMs = 12_000;
/** For the client's own closing frame; then the connection is cut. */
const closeGraceMs = 1_000;

/** What opened the socket: asked again for each operation, so that a revoked key opens no more of them. */
type SocketState = { credentials?: Readonly<Record<string, unknown>> };

/** The protocol graphql-transport-ws on the HTTP server's own port, at the same path. */
export function serveWebSocket<C extends OperationContext>(server: FastifyInstance, api: ServedApi<C>): void {
  const { path, keys, refused, createContext, present } = api;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxRequestBytes });
  const costs = new WeakMap<object, Admission["cost"]>();
  let isClosing = false;

  server.server.on("upgrade", (request, socket: Duplex, head) => {
    socket.on("error", () => socket.destroy());
    if (isClosing) return refuseUpgrade(socket, 503);
    if (new URL(request.url ?? "", "http://localhost").pathname !== path) return refuseUpgrade(socket, 404);
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
  });

  const served = useServer<Record<string, unknown>, SocketState>(
    {
      onConnect: async ({ connectionParams, extra }) => {
        extra.credentials = { ...extra.request.headers, ...lowerCased(connectionParams) };
        const { actor } = await authenticate(keys, extra.credentials);
        if (actor === null) await refused(correlationIdOf(extra.request));
        return actor !== null;
      },
      onSubscribe: async ({ extra }, _id, payload) => {
        const { actor } = await authenticate(keys, extra.credentials ?? {});
        if (actor === null) {
          await refused(correlationIdOf(extra.request));
          extra.socket.close(CloseCode.Forbidden, "Forbidden");
          return [new GraphQLError("Invalid API key", { extensions: { code: "UNAUTHENTICATED" } })];
        }
        const prepared = await prepareOperation(api, createContext(actor, randomUUID()), payload);
        if (prepared.refusals) return prepared.refusals;
        costs.set(prepared.args.contextValue, prepared.cost);
        return prepared.args;
      },
      execute: ({ document, operationName, variableValues, contextValue }) =>
        api.execute(
          { document, operation: getOperationAST(document, operationName)!, variables: variableValues ?? {} },
          contextValue,
        ),
      onNext: (_socket, _id, _payload, { contextValue }, { data = null, errors }) => {
        const context = contextValue as C;
        const cost = costs.get(context);
        if (!errors && !cost) return;
        return {
          data,
          ...(errors && { errors: errors.map((error) => present(error, context.correlationId)) }),
          ...(cost && { extensions: { cost } }),
        };
      },
      onError: (_socket, _id, _payload, errors) => errors.map((error) => present(error, randomUUID())),
    },
    sockets,
    keepAliveMs,
  );

  // Before the HTTP server closes: it would wait for connections that were upgraded.
  server.addHook("preClose", async () => {
    isClosing = true;
    const cut = setTimeout(() => {
      for (const client of sockets.clients) client.terminate();
    }, closeGraceMs);
    await served.dispose();
    clearTimeout(cut);
  });
}

/** Names as HTTP headers have them, and `apiKey` for `X-API-Key`. */
function lowerCased(params: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const lower = Object.fromEntries(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
  return lower.apikey === undefined ? lower : { ...lower, "x-api-key": lower.apikey };
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
