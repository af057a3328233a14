import type { ServerResponse } from "node:http";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import { refuseBrokenRequest } from "./broken-request.ts";
import { CORRELATION_HEADER, correlationIdOf } from "./correlation.ts";
import type { Door } from "./door.ts";
import type { Logger } from "./log.ts";

/** The longest that a route takes is the name of an event stream, percent-encoded at worst. */
const maxParamLength = 2_000;

/** The HTTP server of a port; with `door`, one that listens already. */
export function createApiServer(logger: Logger, door?: Door): FastifyInstance {
  const options: FastifyServerOptions = {
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "correlation_id" }),
    genReqId: correlationIdOf,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (error, request, reply) => refuseAddress(error, request, reply as unknown as FastifyReply),
    // While it closes, what still arrives on a connection that is in use is answered as ever.
    return503OnClosing: false,
  };
  let handle: ((request: never, response: ServerResponse) => void) | undefined;
  const server: FastifyInstance = Fastify(
    door === undefined
      ? options
      : {
          ...options,
          serverFactory: (handler) => {
            handle = handler as typeof handle;
            return door.server;
          },
        },
  );
  if (door !== undefined)
    server.addHook("onReady", async () => door.open((...ends) => handle?.(...(ends as [never, ServerResponse]))));
  server.addHook("onRequest", async (request, reply) => {
    reply.header(CORRELATION_HEADER, request.id);
  });
  return server;
}

/** An address that cannot even be routed, such as `/%zz`, or one with a part that is too long. */
function refuseAddress({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const isLong = code === "FST_ERR_MAX_PARAM_LENGTH";
  reply.header(CORRELATION_HEADER, request.id);
  reply.code(400).send({
    detail: isLong ? "A part of the path is too long" : "The path is not a valid address",
    timestamp: new Date().toISOString(),
    path: request.url.split("?", 1)[0],
    error_code: "VALIDATION_FAILED",
  });
}
