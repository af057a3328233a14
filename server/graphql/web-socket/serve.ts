import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { handleProtocols } from "graphql-ws";
import { WebSocketServer } from "ws";
import { endWith, isOurHost } from "../../../edge/index.ts";
import { fenced } from "../../../engine/index.ts";
import type { OperationContext, ServedApi } from "../graphql-api.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import type { LiveServices } from "../live-services.ts";
import { connect } from "./connection.ts";
import { Heartbeat } from "./heartbeat.ts";
import { createProtocol } from "./protocol.ts";

const GOING_AWAY = 1001;
/** For the client's own closing frame; then the connection is cut. */
const CLOSE_GRACE_MS = 1_000;

/** The protocol graphql-transport-ws on the HTTP server's own port, at the same path. */
export function serveWebSocket<C extends OperationContext>(
  server: FastifyInstance,
  api: ServedApi<C>,
  services: LiveServices,
): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_REQUEST_BYTES,
    handleProtocols,
    // Shared frames are written beneath `ws`: it must not compress its own.
    perMessageDeflate: false,
  });
  const protocol = createProtocol(api, services);
  const heartbeat = new Heartbeat();
  let isClosing = false;

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on("error", () => stream.destroy());
    if (isClosing) return void refuseUpgrade(stream, 503);
    if (!isOurHost(request.headers.host, api.edge.hosts)) {
      api.edge.note("foreign_host");
      return void refuseUpgrade(stream, 403);
    }
    if (request.url?.split("?", 1)[0] !== api.path) return void refuseUpgrade(stream, 404);
    sockets.handleUpgrade(request, stream, head, (socket) => {
      heartbeat.add(socket);
      connect(protocol, socket, stream, request, api.edge);
    });
  };
  server.server.on(
    "upgrade",
    fenced("upgrade", upgrade, (_request, stream) => stream.destroy()),
  );

  // Before the HTTP server closes: it would wait for connections that were upgraded.
  server.addHook("preClose", async () => {
    isClosing = true;
    heartbeat.stop();
    const cut = setTimeout(() => {
      for (const client of sockets.clients) client.terminate();
    }, CLOSE_GRACE_MS);
    for (const client of sockets.clients) client.close(GOING_AWAY, "Going away");
    await new Promise((resolve) => sockets.close(resolve));
    clearTimeout(cut);
  });
}

function refuseUpgrade(stream: Duplex, status: number): void {
  endWith(stream, `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
