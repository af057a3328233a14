import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { fenced } from "../engine/index.ts";
import type { Edge } from "./edge.ts";

/** Before its headers are there nobody knows who asks; those of a request come in one or two packets. */
const HEADERS_TIMEOUT = 10_000;
/** A file of 10 MiB comes in so long over a slow line. What has no key is answered before its body, and waits for nothing of this. */
const REQUEST_TIMEOUT = 300_000;
/** How late those limits may be noticed. */
const CONNECTIONS_CHECKING_INTERVAL = 1_000;
/** Longer than load balancers keep an idle connection (commonly 60 s): they close it, never we under their request. */
const KEEP_ALIVE_TIMEOUT = 72_000;

/** An HTTP server as both ports are: its connections counted and limited in time, its listeners fenced. */
export function createHttpServer(edge: Edge, handle: RequestListener): Server {
  const server: Server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: CONNECTIONS_CHECKING_INTERVAL,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      // Any other upgrade (`h2c`, which some clients always offer), and any where nobody takes them, is a plain request.
      shouldUpgradeCallback: (request) => asksForWebSocket(request) && server.listenerCount("upgrade") > 0,
    },
    fenced("request", handle, (_request, response) => response.destroy()),
  );
  server.on(
    "connection",
    fenced(
      "connection",
      (socket) => edge.admit(socket),
      (socket) => socket.destroy(),
    ),
  );
  return server;
}

/** Once it listens: a connection that the system could not take (out of descriptors) is an error of the server, and no reason to end. */
export function outliveAccepting(server: Server, edge: Edge): void {
  server.on("error", () => edge.note("not_accepted"));
}

function asksForWebSocket({ headers: { upgrade } }: IncomingMessage): boolean {
  return upgrade?.toLowerCase() === "websocket";
}
