import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Edge } from "./edge.ts";
import { plainHeaders } from "./headers.ts";
import { createHttpServer, outliveAccepting } from "./http-server.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const IDLE_SWEEP_MS = 20;

/**
 * Listens from the first moment of a start, so that whoever asks is told to wait, not refused the connection: a probe
 * sees a start, and a taken port shows before anything else was done. Fastify takes the requests over when all stands.
 */
export class Listener {
  readonly server: Server;
  private handler: Handler = answerWhileStarting;
  private isLeaving = false;

  private constructor(readonly edge: Edge) {
    this.server = createHttpServer(edge, (request, response) => {
      if (this.isLeaving) response.shouldKeepAlive = false;
      this.handler(request, response);
    });
  }

  /** @throws the system's error */
  static async listen(host: string, port: number, edge: Edge): Promise<Listener> {
    const listener = new Listener(edge);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    listener.server.once("error", reject);
    listener.server.listen({ host, port }, resolve);
    await promise;
    outliveAccepting(listener.server, edge);
    return listener;
  }

  /** `http://host:port` */
  get address(): string {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("The listener does not listen");
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  open(handler: Handler): void {
    this.handler = handler;
  }

  /**
   * From now on each answer ends its connection. A connection that we closed while it is idle may be carrying the next
   * request already; one that was said to end is not used again.
   */
  leave(): void {
    this.isLeaving = true;
  }

  /** Takes no more connections; resolves when those that are in use have ended. */
  async close(): Promise<void> {
    this.leave();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    // Those that are in use now fall idle one by one.
    const sweep = setInterval(() => this.server.closeIdleConnections(), IDLE_SWEEP_MS);
    await promise;
    clearInterval(sweep);
  }
}

function answerWhileStarting({ url = "/" }: IncomingMessage, response: ServerResponse): void {
  const path = url.split("?", 1)[0]!;
  const isProbeOfLife = path === "/live" || path === "/live/";
  const body = isProbeOfLife
    ? { status: "alive" }
    : {
        detail: "The service is starting",
        timestamp: new Date().toISOString(),
        path,
        error_code: "NOT_READY",
      };
  // Without keep-alive: a connection that waits here would keep the port when the start fails.
  response.writeHead(isProbeOfLife ? 200 : 503, {
    ...plainHeaders,
    "content-type": "application/json; charset=utf-8",
    connection: "close",
    ...(isProbeOfLife ? {} : { "retry-after": "1" }),
  });
  response.end(JSON.stringify(body));
}
