import type { FastifyInstance, FastifyRequest } from "fastify";
import { noteWork } from "../../engine/index.ts";
import type { Metrics } from "./metrics.ts";

/** Requests to no route share a label: their paths are the client's to choose, and would never end. */
const NO_ROUTE = "none";

/** Measures every request. */
export function observeHttp(server: FastifyInstance, metrics: Metrics): void {
  const note = (request: FastifyRequest): void =>
    noteWork("request", `${request.method} ${request.routeOptions.url ?? NO_ROUTE}`);
  // Where it is turned to again: with its body, and with its answer.
  server.addHook("preHandler", (request, _reply, done) => {
    note(request);
    done();
  });
  server.addHook("preSerialization", (request, _reply, payload, done) => {
    note(request);
    done(null, payload);
  });
  server.addHook("onResponse", (request, reply, done) => {
    const route = request.is404 ? NO_ROUTE : (request.routeOptions.url ?? NO_ROUTE);
    metrics.httpAnswered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
}

/** Counts the WebSockets that stay open, of a port that takes them. */
export function observeSockets({ server }: FastifyInstance, metrics: Metrics): void {
  server.on("upgrade", (_request, socket) => {
    metrics.socketOpened();
    socket.once("close", () => metrics.socketClosed());
  });
}
