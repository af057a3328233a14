import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { ExecutionEvents, RecentExecutions } from "./operations.ts";
import type { Server } from "./server.ts";

/** Apollo Client: queries and mutations over HTTP, subscriptions over WebSocket. */
export function apolloClient({ url, apiKey }: Server): ApolloClient {
  const authorization = `Bearer ${apiKey}`;
  const http = new HttpLink({ uri: `${url}/graphql`, headers: { authorization } });
  const webSocket = new GraphQLWsLink(
    createClient({
      url: `${url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
    }),
  );
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, webSocket, http),
  });
}

/** Ids of the latest executions. */
export async function recentWithApollo(client: ApolloClient): Promise<string[]> {
  const { data } = await client.query({ query: RecentExecutions, variables: { first: 10 } });
  return data!.executions.nodes.map(({ id }) => id);
}

/** Types of the events of an execution, once it is over. */
export async function eventsWithApollo(client: ApolloClient, executionId: string): Promise<string[]> {
  const types: string[] = [];
  const events = client.subscribe({ query: ExecutionEvents, variables: { executionId } });
  await new Promise<void>((complete, error) => {
    events.subscribe({ next: ({ data }) => types.push(data!.executionEvents.type), complete, error });
  });
  return types;
}
