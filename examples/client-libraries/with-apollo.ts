// npm ci --prefix examples/client-libraries
// STEPWIRE_API_KEY=sw_… node examples/client-libraries/with-apollo.ts ex_1
import { setTimeout as sleep } from "node:timers/promises";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { ExecutionEventsSubscription } from "../client/generated/graphql.ts";
import { ExecutionEvents, RecentExecutions } from "../client/operations.ts";
import { type Server, serverFromEnvironment } from "../client/server.ts";

type Event = ExecutionEventsSubscription["executionEvents"];

const RECONNECT_AFTER_MS = 500;

/** Apollo Client: queries and mutations over HTTP, subscriptions over WebSocket. */
function apolloClient({ url, apiKey }: Server): ApolloClient {
  const authorization = `Bearer ${apiKey}`;
  const http = new HttpLink({ uri: `${url}/graphql`, headers: { authorization } });
  const webSocket = new GraphQLWsLink(
    createClient({
      url: `${url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      // Apollo has copied the variables: it would subscribe again with those of the first time.
      retryAttempts: 0,
    }),
  );
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, webSocket, http),
  });
}

/** Ids of the latest executions. */
async function recentWithApollo(client: ApolloClient): Promise<string[]> {
  const { data } = await client.query({ query: RecentExecutions, variables: { first: 10 } });
  return data!.executions.nodes.map(({ id }) => id);
}

/** Tells of every event of an execution, each once and in order, until it is over: whatever happens to the connection. */
async function watchWithApollo(client: ApolloClient, executionId: string, tell: (event: Event) => void): Promise<void> {
  let after = 0;
  const subscribed = (): Promise<void> =>
    new Promise((complete, reject) => {
      client.subscribe({ query: ExecutionEvents, variables: { executionId, after } }).subscribe({
        next: ({ data, error }) => {
          if (!data) return reject(error);
          after = data.executionEvents.seq;
          tell(data.executionEvents);
        },
        error: reject,
        complete,
      });
    });
  for (;;) {
    try {
      return await subscribed();
    } catch (error) {
      if (!isBrokenConnection(error)) throw error;
      await sleep(RECONNECT_AFTER_MS);
    }
  }
}

/** What the server says is GraphQL's errors, or a closing code of 44xx: to ask again would change nothing. */
function isBrokenConnection(error: unknown): boolean {
  return !CombinedGraphQLErrors.is(error) && !/^Socket closed with event 44/.test((error as Error).message);
}

const client = apolloClient(serverFromEnvironment());
console.log(...(await recentWithApollo(client)));
await watchWithApollo(client, process.argv[2]!, ({ seq, type }) => console.log(seq, type));
client.stop();
