import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ExecutionResult, GraphQLError } from "graphql";
import { createHandler, type HandlerOptions, type OperationArgs, type Request } from "graphql-sse";
import { currentDeadline, unavailable } from "../../../engine/index.ts";
import type { Admission } from "../admission.ts";
import { actorOf, authenticated, refuse, refuseBroken } from "../authenticated.ts";
import type { OperationContext, ServedApi } from "../graphql-api.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import type { LiveServices } from "../live-services.ts";
import { prepareOperation } from "../prepare-operation.ts";
import { createRun } from "../run-operation.ts";
import { createSubscribe, type LiveArgs } from "../subscribe.ts";
import { EventStream } from "./event-stream.ts";

const EVENT_STREAM = "text/event-stream";

/** What one request is handled with. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly stream: EventStream;
  readonly cursor: number | undefined;
  /** For `extensions.cost`, once it is known. */
  cost: Admission["cost"];
}

/** The distinct connections mode of graphql-sse at `/stream` below the API's path: each operation has a response of its own. */
export function serveEventStream<C extends OperationContext>(
  server: FastifyInstance,
  api: ServedApi<C>,
  services: LiveServices,
): void {
  const { connections } = services;
  const handle = createHandler(handlerOptions(api, services));
  const open = new Set<EventStream>();

  server.route({
    method: ["GET", "POST"],
    url: `${api.path}/stream`,
    bodyLimit: MAX_REQUEST_BYTES,
    onRequest: authenticated(api),
    errorHandler: refuseBroken,
    handler: async (request, reply) => {
      if (!(request.headers.accept ?? "").includes(EVENT_STREAM)) {
        return refuse(reply, 406, `Send "Accept: ${EVENT_STREAM}"; for a single answer use ${api.path}`, "BAD_REQUEST");
      }
      const cursor = cursorOf(request);
      if (cursor === null) return refuse(reply, 400, "Last-Event-ID must be the id of an event", "BAD_REQUEST");
      const stream = new EventStream(request, reply);
      const release = connections.open(actorOf(request), () => stream.cut());
      if (release === null) {
        return refuse(reply, 429, "Too many connections of this key", "TOO_MANY_CONNECTIONS");
      }
      open.add(stream);
      stream.onClose(() => {
        open.delete(stream);
        release();
      });
      try {
        const response = await handle(asRequest({ request, stream, cursor, cost: null }));
        // What follows has no end that could be waited for.
        currentDeadline()?.end();
        await stream.carry(response);
      } catch (error) {
        if (!reply.raw.headersSent && unavailable(error) !== null) throw error;
        request.log.error({ err: error }, "fault in an event stream");
        // Not its end: the client comes back.
        stream.cut();
      }
    },
  });

  server.addHook("preClose", async () => {
    for (const stream of open) stream.end();
  });
}

function handlerOptions<C extends OperationContext>(
  api: ServedApi<C>,
  { hub }: LiveServices,
): HandlerOptions<FastifyRequest, Exchange> {
  const { present } = api;
  return {
    // No token: no streams that are reserved first, and shared by operations.
    authenticate: () => null,
    onSubscribe: async (req, params) => {
      const { request, stream, cursor } = req.context;
      const prepared = await prepareOperation(api, api.createContext(actorOf(request), request.id), params);
      if (prepared.refusals) return { data: null, errors: prepared.refusals };
      req.context.cost = prepared.args.cost;
      const args: LiveArgs = { ...prepared.args, text: params.query, sink: stream.sink, cursor };
      // The library means to make the context itself.
      return args as unknown as OperationArgs;
    },
    // Documents are validated where they are parsed.
    validate: () => [],
    execute: createRun(api) as unknown as NonNullable<HandlerOptions["execute"]>,
    subscribe: createSubscribe(hub, api) as unknown as NonNullable<HandlerOptions["subscribe"]>,
    onNext: (_context, { context: { request, cost } }, { data = null, errors }) => {
      if (!errors && !cost) return;
      const shown = errors?.map((error) => present(error as GraphQLError, request.id));
      return {
        data,
        ...(shown && { errors: shown }),
        ...(cost && { extensions: { cost } }),
      } as unknown as ExecutionResult;
    },
  };
}

/** Null: there is one that no event has. */
function cursorOf({ headers }: FastifyRequest): number | undefined | null {
  const given = headers["last-event-id"];
  if (given === undefined || given === "") return undefined;
  return /^\d{1,15}$/.test(String(given)) ? Number(given) : null;
}

function asRequest(exchange: Exchange): Request<FastifyRequest, Exchange> {
  const { request } = exchange;
  return {
    method: request.method,
    url: request.url,
    headers: {
      // The library wants nothing beside it.
      get: (name) => (name === "accept" ? EVENT_STREAM : String(request.headers[name] ?? "")),
    },
    body: request.body as Record<PropertyKey, unknown>,
    raw: request,
    context: exchange,
  };
}
