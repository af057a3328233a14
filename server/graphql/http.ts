import { ApolloServer, type ApolloServerPlugin, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { GraphQLError } from "graphql";
import { noteWork, RETRY_AFTER_SECONDS, stringifyStored } from "../../engine/index.ts";
import { admitRequests } from "./admit-requests.ts";
import { actorOf, authenticated, refuseBroken } from "./authenticated.ts";
import { parseOptions } from "./document.ts";
import { gatewayTo } from "./gateway.ts";
import { sendGraphiql } from "./graphiql.ts";
import type { OperationContext, ServedApi } from "./graphql-api.ts";
import { MAX_REQUEST_BYTES } from "./limits.ts";
import type { ObserveOperation } from "./observe-operation.ts";

/** Queries and mutations over POST, queries over GET too, and GraphiQL for a browser that opens the address. */
export async function serveHttp<C extends OperationContext>(server: FastifyInstance, api: ServedApi<C>): Promise<void> {
  const { path, example, schema, createContext, execute, present, rules, observe } = api;
  const contexts = new WeakMap<GraphQLError, OperationContext>();
  const apollo = new ApolloServer<C>({
    gateway: gatewayTo(schema, execute),
    // Our own rule refuses it, if it is to be refused: the same on every transport.
    introspection: true,
    parseOptions,
    validationRules: rules,
    includeStacktraceInErrorResponses: false,
    // Nothing a browser sends by itself authenticates here, so no foreign page can act with a user's key.
    // The check stays on for requests without a key header; with one, the browser has asked us before.
    csrfPrevention: { requestHeaders: ["authorization", "x-api-key"] },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      rememberContext(contexts),
      observed(observe),
      comeLater,
      admitRequests(api),
    ],
    // Apollo's own appends a line break: to join two strings costs as much again when they are written.
    stringifyResult: (result) => {
      noteWork("operation", "writing an answer");
      return stringifyStored(result);
    },
    formatError: (formatted, error) =>
      error instanceof GraphQLError ? present(error, contexts.get(error)?.correlationId ?? "") : formatted,
  });
  await apollo.start();
  server.addHook("onClose", () => apollo.stop());

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { headers, body, status } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: toApollo(request),
      context: async () => createContext(actorOf(request), request.id),
    });
    if (body.kind !== "complete") throw new Error("Nothing is sent in parts: the executor knows no @defer");
    for (const [name, value] of headers) reply.header(name, value);
    // As bytes: Node would join a string to the headers, and then encode both.
    return reply.code(status ?? 200).send(Buffer.from(body.string));
  }

  const authenticate = authenticated(api);

  server.route({
    method: ["GET", "POST"],
    url: path,
    bodyLimit: MAX_REQUEST_BYTES,
    onRequest: async (request, reply) => {
      if (wantsPage(request)) await sendGraphiql(reply, example);
      else await authenticate(request, reply);
    },
    handler: answer,
    errorHandler: refuseBroken,
  });
}

/** Those that Apollo looks at: to copy all of them into its map takes longer than to read the query. */
const headersForApollo = ["content-type", "accept", "authorization", "x-api-key"] as const;

function toApollo({ method, url, headers, body }: FastifyRequest): HTTPGraphQLRequest {
  const map = new HeaderMap();
  for (const name of headersForApollo) {
    const value = headers[name];
    if (typeof value === "string") map.set(name, value);
  }
  const query = method === "GET" ? url.indexOf("?") : -1;
  return { method, headers: map, body, search: query < 0 ? "" : url.slice(query) };
}

function wantsPage({ method, headers, query }: FastifyRequest): boolean {
  const isOperation = typeof query === "object" && query !== null && "query" in query;
  return method === "GET" && !isOperation && (headers.accept ?? "").includes("text/html");
}

function observed(observe: ObserveOperation): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async ({ contextValue }) => {
      const { answered } = observe(contextValue.correlationId, null);
      return { willSendResponse: async ({ operation, errors }) => answered(operation, (errors?.length ?? 0) > 0) };
    },
  };
}

/** When nothing could be answered for want of the database, the status says so too. */
const comeLater: ApolloServerPlugin<OperationContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response }) => {
      if (response.body.kind !== "single") return;
      const { data, errors = [] } = response.body.singleResult;
      const isEmpty = data === undefined || data === null || Object.values(data).every((value) => value === null);
      if (!isEmpty || !errors.some(({ extensions }) => extensions?.code === "DATABASE_UNAVAILABLE")) return;
      response.http.status = 503;
      response.http.headers.set("retry-after", String(RETRY_AFTER_SECONDS));
    },
  }),
};

/** formatError is not told of which operation an error is. */
function rememberContext(contexts: WeakMap<GraphQLError, OperationContext>): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors, contextValue }) => {
        for (const error of errors) contexts.set(error, contextValue);
      },
    }),
  };
}
