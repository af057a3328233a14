import type { Client as SseClient } from "graphql-sse";
import type { Client as WsClient } from "graphql-ws";

interface Event {
  readonly seq: number;
  readonly type: string;
  readonly stepName: string | null;
}

const query = `subscription ($id: ID!, $after: Int!) {
  executionEvents(executionId: $id, after: $after) { seq type stepName }
}`;

/** Every event once and in order. Both clients connect again by themselves, and read the variables anew when they do. */
export async function* follow(client: WsClient | SseClient, id: string, after = 0): AsyncGenerator<Event> {
  const variables = { id, after };
  for await (const { data, errors } of client.iterate<{ executionEvents: Event }>({ query, variables })) {
    if (!data) throw new AggregateError(errors ?? []);
    const event = data.executionEvents;
    if (event.seq <= variables.after) continue;
    variables.after = event.seq;
    yield event;
  }
}
