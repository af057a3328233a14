import type { FastifyInstance, FastifyRequest } from "fastify";
import { type RequestTrace, traceparentIn, withTrace } from "./request-trace.ts";
import type { Tracing } from "./tracing.ts";

/** Asked every few seconds by machines; nobody looks for them in traces. */
const untraced: ReadonlySet<string> = new Set(["/health", "/ready", "/live", "/metrics"]);

/** Keeps the trace of a request at hand while it is served, and exports a span for it when there is `tracing`. */
export function traceRequests(server: FastifyInstance, tracing: Tracing | null): void {
  const traces = new WeakMap<FastifyRequest, RequestTrace>();

  server.addHook("onRequest", (request, _reply, done) => {
    const given = traceparentIn(request.headers);
    const route = request.is404 ? "none" : (request.routeOptions.url ?? "none");
    if (tracing && !untraced.has(route)) {
      traces.set(request, tracing.requestStarted(request, `${request.method} ${route}`, given));
    } else if (given !== null) traces.set(request, { traceparent: given });
    done();
  });
  // Not in onRequest: what a body's arrival calls would be outside of it.
  server.addHook("preHandler", (request, _reply, done) => {
    const trace = traces.get(request);
    if (trace) withTrace(trace, done);
    else done();
  });
  if (!tracing) return;
  server.addHook("onResponse", async (request, reply) => tracing.requestAnswered(request, reply.statusCode));
}
