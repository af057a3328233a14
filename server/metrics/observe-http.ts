import type { FastifyInstance } from "fastify";
import type { Metrics } from "./metrics.ts";

/** Requests to no route share a label: their paths are the client's to choose, and would never end. */
const noRoute = "none";

/** Measures every request. */
export function observeHttp(server: FastifyInstance, metrics: Metrics): void {
  server.addHook("onResponse", async (request, reply) => {
    const route = request.is404 ? noRoute : (request.routeOptions.url ?? noRoute);
    metrics.httpAnswered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
  });
}

/** Counts the WebSockets that stay open, of a port that takes them. */
export function observeSockets({ server }: FastifyInstance, metrics: Metrics): void {
  server.on("upgrade", (_request, socket) => {
    metrics.socketOpened();
    socket.once("close", () => metrics.socketClosed());
  });
}
