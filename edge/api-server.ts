import type { ServerResponse } from "node:http";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { type ErrorCode, REQUEST_MS } from "../engine/index.ts";
import { refuseBrokenRequest } from "./broken-request.ts";
import { Edge } from "./edge.ts";
import { CORRELATION_HEADER, correlationIdOf, plainHeaders } from "./headers.ts";
import { isOurHost } from "./host.ts";
import { createHttpServer } from "./http-server.ts";
import { endSoon } from "./linger.ts";
import type { Listener } from "./listener.ts";
import { limitRequests } from "./request-deadline.ts";

/** The longest that a route takes is the name of an event stream, percent-encoded at worst. */
const MAX_PARAM_LENGTH = 2_000;
/** What is answered without a key waits no longer to be read: 2 MB of a page over a slow line. */
const UNREAD_MS = 60_000;

/** The HTTP server of a port; with `listener`, one that listens already. */
export function createApiServer(
  logger: FastifyBaseLogger,
  listener?: Listener,
  requestMs = REQUEST_MS,
): FastifyInstance {
  const edge = listener?.edge ?? new Edge(logger);
  let handle: ((request: never, response: ServerResponse) => void) | undefined;
  const server: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "correlation_id" }),
    genReqId: correlationIdOf,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
    clientErrorHandler: refuseBrokenRequest(edge),
    frameworkErrors: (error, request, reply) => refuseAddress(error, request, reply as unknown as FastifyReply),
    // While it closes, what still arrives on a connection that is in use is answered as ever.
    return503OnClosing: false,
    serverFactory: (handler) => {
      handle = handler as typeof handle;
      return listener?.server ?? createHttpServer(edge, handler);
    },
  });
  if (listener !== undefined)
    server.addHook("onReady", async () => listener.open((...ends) => handle?.(...(ends as [never, ServerResponse]))));
  server.decorate("edge", edge);
  guardRequests(server, edge);
  limitRequests(server, requestMs);
  return server;
}

declare module "fastify" {
  interface FastifyInstance {
    /** What the port knows of its clients before their keys. */
    readonly edge: Edge;
  }
}

/** What holds for every request of both ports, before a route looks at it and after. */
function guardRequests(server: FastifyInstance, edge: Edge): void {
  server.addHook("onRequest", (request, reply, done) => {
    reply.header(CORRELATION_HEADER, request.id).headers(plainHeaders);
    if (isOurHost(request.headers.host, edge.hosts)) return done();
    edge.note("foreign_host");
    const detail = "This service does not answer to that name: use its address, or add the name to ALLOWED_HOSTS";
    refuse(request, reply, 403, detail, "FORBIDDEN");
  });
  server.addHook("onSend", (request, reply, _payload, done) => {
    endSoon(request.raw);
    if (request.actor === undefined) cutUnlessRead(reply.raw, edge);
    done();
  });
  server.addHook("onRequestAbort", async (_request) => edge.note("aborted"));
}

function cutUnlessRead(response: ServerResponse, edge: Edge): void {
  const timer = setTimeout(() => edge.cut(response, "unread"), UNREAD_MS).unref();
  response.once("close", () => clearTimeout(timer));
}

/** An address that cannot even be routed, such as `/%zz`, or one with a part that is too long. */
function refuseAddress({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const isLong = code === "FST_ERR_MAX_PARAM_LENGTH";
  reply.header(CORRELATION_HEADER, request.id).headers(plainHeaders);
  const detail = isLong ? "A part of the path is too long" : "The path is not a valid address";
  refuse(request, reply, 400, detail, "VALIDATION_FAILED");
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, detail: string, code: ErrorCode) {
  const path = request.url.split("?", 1)[0];
  return reply.code(status).send({ detail, timestamp: new Date().toISOString(), path, error_code: code });
}
