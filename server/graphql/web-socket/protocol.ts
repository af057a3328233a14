import { randomUUID } from "node:crypto";
import { GraphQLError } from "graphql";
import { CloseCode, makeServer, type ServerOptions } from "graphql-ws";
import { type Actor, unavailable, withDeadline } from "../../../engine/index.ts";
import type { OperationContext, ServedApi } from "../graphql-api.ts";
import type { LiveServices } from "../live-services.ts";
import { prepareOperation } from "../prepare-operation.ts";
import { createRun } from "../run-operation.ts";
import { createSubscribe, type LiveArgs } from "../subscribe.ts";
import type { Connection } from "./connection.ts";

/** There are too many: sockets and streams of the key, or unknown keys of the address. No code of graphql-ws: its client tries again, as for a network error. */
const COME_LATER = 4430;
/** A client sends its key as soon as the socket is open. */
const CONNECTION_INIT_WAIT_TIMEOUT = 3_000;

/** graphql-transport-ws as graphql-ws speaks it, with our keys, limits, errors and sharing. */
export function createProtocol<C extends OperationContext>(
  api: ServedApi<C>,
  { connections, hub, limits }: LiveServices,
) {
  const { present } = api;
  /** Null: refused; or sent away until later, and then the connection is closed already. */
  async function actorOf(connection: Connection): Promise<Actor | null> {
    const found = await withDeadline(api.requestMs, () => api.authenticate(connection.request, connection.credentials));
    if (found.actor !== null) return found.actor;
    if (found.refusal.code === "RATE_LIMITED") connection.close(COME_LATER, "Too many unknown keys");
    else await api.refused(connection.correlationId);
    return null;
  }
  const options: ServerOptions<Record<string, unknown>, Connection> = {
    schema: api.schema,
    connectionInitWaitTimeout: CONNECTION_INIT_WAIT_TIMEOUT,
    onConnect: async ({ connectionParams, extra: connection }) => {
      connection.credentials = { ...keyHeadersOf(connection), ...lowerCased(connectionParams) };
      const actor = await actorOf(connection).catch((error: unknown) => {
        const later = unavailable(error);
        if (later === null) throw error;
        connection.close(COME_LATER, later.code);
        return "later" as const;
      });
      if (actor === "later") return true;
      if (actor === null) return false;
      connection.admit(actor.tenantId);
      const release = connections.open(actor, () => connection.close(CloseCode.Forbidden, "Forbidden"));
      if (release === null) {
        connection.close(COME_LATER, "Too many connections of this key");
        // Whatever the answer, it comes after the closing frame, and is not sent.
        return true;
      }
      connection.onClose(release);
      return true;
    },
    onSubscribe: async ({ extra: connection, subscriptions }, id, payload) => {
      if (Object.keys(subscriptions).length > limits.operationsPerSocket) {
        return [tooManyOperations(limits.operationsPerSocket)];
      }
      let actor: Actor | null;
      try {
        actor = await actorOf(connection);
      } catch (error) {
        return [refusalOf(error)];
      }
      if (actor === null) {
        connection.close(CloseCode.Forbidden, "Forbidden");
        return [new GraphQLError("Invalid API key", { extensions: { code: "UNAUTHENTICATED" } })];
      }
      const prepared = await prepareOperation(api, api.createContext(actor, randomUUID()), payload);
      if (prepared.refusals) return prepared.refusals;
      const args: LiveArgs = { ...prepared.args, text: payload.query, sink: connection.sink(id) };
      return args;
    },
    execute: createRun(api) as NonNullable<ServerOptions["execute"]>,
    subscribe: createSubscribe(hub, api) as unknown as NonNullable<ServerOptions["subscribe"]>,
    onNext: (_socket, _id, _payload, args, { data = null, errors }) => {
      const { contextValue, cost } = args as LiveArgs;
      if (!errors && !cost) return;
      return {
        data,
        ...(errors && { errors: errors.map((error) => present(error, contextValue.correlationId)) }),
        ...(cost && { extensions: { cost } }),
      };
    },
    onError: (_socket, _id, _payload, errors) => errors.map((error) => present(error, randomUUID())),
  };
  return makeServer(options);
}

/** As `present` shows it. @throws a fault of ours */
function refusalOf(error: unknown): GraphQLError {
  const later = unavailable(error);
  if (later === null) throw error;
  return new GraphQLError(later.message, { originalError: later });
}

function tooManyOperations(limit: number): GraphQLError {
  const message = `A socket takes ${limit} operations at a time: complete one, or open another socket`;
  return new GraphQLError(message, { extensions: { code: "TOO_MANY_OPERATIONS" } });
}

/** Those of the upgrade that may carry a key. */
function keyHeadersOf({ request: { headers } }: Connection): Record<string, unknown> {
  return { authorization: headers.authorization, "x-api-key": headers["x-api-key"] };
}

/** Names as HTTP headers have them, and `apiKey` for `X-API-Key`. */
function lowerCased(params: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const lower = Object.fromEntries(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
  return lower.apikey === undefined ? lower : { ...lower, "x-api-key": lower.apikey };
}
