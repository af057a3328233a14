import { randomUUID } from "node:crypto";
import { type ExecutionArgs, GraphQLError } from "graphql";
import { CloseCode, makeServer, type ServerOptions, type SubscribePayload } from "graphql-ws";
import { authenticate } from "../../authentication.ts";
import type { GraphqlApi, OperationContext } from "../graphql-api.ts";
import { createSubscribe, type LiveArgs } from "../live/subscribe.ts";
import type { LiveServices } from "../live-services.ts";
import type { Connection } from "./connection.ts";

/** The key has its limit of sockets and streams open. No code of graphql-ws: its client tries again, as for a network error. */
const TOO_MANY_CONNECTIONS = 4430;

/** graphql-transport-ws as graphql-ws speaks it, with our keys, limits, errors and sharing. */
export function createProtocol<C extends OperationContext>(
  api: GraphqlApi<C>,
  { documents, connections, hub, limits, present }: LiveServices,
) {
  const options: ServerOptions<Record<string, unknown>, Connection> = {
    schema: api.schema,
    onConnect: async ({ connectionParams, extra: connection }) => {
      connection.credentials = { ...connection.headers, ...lowerCased(connectionParams) };
      const { actor } = await authenticate(api.keys, connection.credentials);
      if (actor === null) return false;
      const release = connections.open(actor, () => connection.close(CloseCode.Forbidden, "Forbidden"));
      if (release === null) {
        connection.close(TOO_MANY_CONNECTIONS, "Too many connections of this key");
        // Whatever the answer, it comes after the closing frame, and is not sent.
        return true;
      }
      connection.onClose(release);
      return true;
    },
    onSubscribe: async ({ extra: connection, subscriptions }, id, payload) => {
      if (Object.keys(subscriptions).length > limits.operationsPerSocket) {
        const text = `A socket takes ${limits.operationsPerSocket} operations at a time: complete one, or open another socket`;
        return [problem(text, "TOO_MANY_OPERATIONS")];
      }
      const { actor } = await authenticate(api.keys, connection.credentials);
      if (actor === null) {
        connection.close(CloseCode.Forbidden, "Forbidden");
        return [problem("Invalid API key", "UNAUTHENTICATED")];
      }
      const checked = documents.get(payload.query);
      if (checked.errors !== null) return checked.errors;
      const args: LiveArgs = {
        ...operationOf(payload),
        schema: api.schema,
        document: checked.document,
        contextValue: api.createContext(actor, randomUUID()),
        text: payload.query,
        actor,
        sink: connection.sink(id),
      };
      return args;
    },
    subscribe: createSubscribe(hub, present) as unknown as NonNullable<ServerOptions["subscribe"]>,
    onNext: (_socket, _id, _payload, { contextValue }, { data = null, errors }) =>
      errors && { data, errors: present(errors, (contextValue as OperationContext).correlationId) },
    onError: (_socket, _id, _payload, errors) => present(errors, randomUUID()),
  };
  return makeServer(options);
}

function operationOf({
  operationName,
  variables,
}: SubscribePayload): Pick<ExecutionArgs, "operationName" | "variableValues"> {
  return { operationName, variableValues: variables };
}

function problem(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** Names as HTTP headers have them, and `apiKey` for `X-API-Key`. */
function lowerCased(params: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const lower = Object.fromEntries(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
  return lower.apikey === undefined ? lower : { ...lower, "x-api-key": lower.apikey };
}
