import { setTimeout as sleep } from "node:timers/promises";
import { print } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { ExecutionEventsSubscription } from "./generated/graphql.ts";
import { ExecutionEvents } from "./operations.ts";
import { type Server, serverFromEnvironment } from "./server.ts";

type Event = ExecutionEventsSubscription["executionEvents"];

const RECONNECT_AFTER_MS = 500;

/**
 * Every event of an execution, each once and in order, until it is over: whatever happens to the connection. After a
 * broken one it subscribes again with the seq of the last event that it has, and the server goes on from there.
 */
export async function* watchExecution({ url, apiKey }: Server, executionId: string, since = 0): AsyncGenerator<Event> {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${apiKey}` },
    // It would subscribe again with the variables of the first time.
    retryAttempts: 0,
  });
  let after = since;
  try {
    for (;;) {
      try {
        const variables = { executionId, after };
        for await (const { data, errors } of client.iterate<ExecutionEventsSubscription>({
          query: print(ExecutionEvents),
          variables,
        })) {
          if (errors) throw errors;
          const event = data!.executionEvents;
          after = event.seq;
          yield event;
        }
        return;
      } catch (error) {
        if (!isBrokenConnection(error)) throw error;
        await sleep(RECONNECT_AFTER_MS);
      }
    }
  } finally {
    await client.dispose();
  }
}

/** What the server says is a list of errors, or a closing code of 44xx: to ask again would change nothing. */
function isBrokenConnection(error: unknown): boolean {
  if (Array.isArray(error)) return false;
  const { code } = error as { code?: unknown };
  return typeof code !== "number" || code < 4400 || code > 4499;
}

// STEPWIRE_API_KEY=sw_… node dist/examples/client/watch.js ex_1
if (import.meta.main) {
  for await (const { seq, at, type, stepName, data } of watchExecution(serverFromEnvironment(), process.argv[2]!)) {
    console.log(`${String(seq).padStart(4)}  ${at}  ${type.padEnd(22)} ${stepName ?? ""}  ${JSON.stringify(data)}`);
  }
}
