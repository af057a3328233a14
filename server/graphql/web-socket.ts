import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { GraphQLError } from "graphql";
import { CloseCode } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { presentError } from "../../schema/index.ts";
import { authenticate } from "../authentication.ts";
import { correlationIdOf } from "../correlation.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { maxRequestBytes } from "./limits.ts";

/** Proxies commonly cut a connection that is silent for a minute. */
const keepAliveMs = 12_000;
/** For the client's own closing frame; then the connection is cut. */
const closeGraceMs = 1_000;

/** What opened the socket: asked again for each operation, so that a revoked key opens no more of them. */
type SocketState = { credentials?: Readonly<Record<string, unknown>> };

/** The protocol graphql-transport-ws on the HTTP server's own port, at the same path. */
export function serveWebSocket<C extends OperationContext>(
  server: FastifyInstance,
  { path, schema, keys, refused, createContext, logger }: GraphqlApi<C>,
): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxRequestBytes });
  let isClosing = false;

  server.server.on("upgrade", (request, socket: Duplex, head) => {
    socket.on("error", () => socket.destroy());
    if (isClosing) return refuseUpgrade(socket, 503);
    if (new URL(request.url ?? "", "http://localhost").pathname !== path) return refuseUpgrade(socket, 404);
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
  });

  const present = (errors: readonly GraphQLError[], correlationId: string) =>
    errors.map((error) =>
      presentError(error, correlationId, (fault) =>
        logger.error({ err: fault, correlation_id: correlationId }, "fault in a GraphQL operation"),
      ).toJSON(),
    );

  const served = useServer<Record<string, unknown>, SocketState>(
    {
      schema,
      onConnect: async ({ connectionParams, extra }) => {
        extra.credentials = { ...extra.request.headers, ...lowerCased(connectionParams) };
        const { actor } = await authenticate(keys, extra.credentials);
        if (actor === null) await refused(correlationIdOf(extra.request));
        return actor !== null;
      },
      context: async ({ extra }) => {
        const { actor } = await authenticate(keys, extra.credentials ?? {});
        if (actor === null) {
          await refused(correlationIdOf(extra.request));
          extra.socket.close(CloseCode.Forbidden, "Forbidden");
          throw new GraphQLError("Invalid API key", { extensions: { code: "UNAUTHENTICATED" } });
        }
        return createContext(actor, randomUUID());
      },
      onNext: (_socket, _id, _payload, { contextValue }, { data = null, errors }) =>
        errors && { data, errors: present(errors, (contextValue as { correlationId: string }).correlationId) },
      onError: (_socket, _id, _payload, errors) => present(errors, randomUUID()),
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
