import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSchema } from "graphql";
import { PubSub } from "graphql-subscriptions";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { type FanOutServer, measureFanOut, stamp } from "./measure.ts";

const query = `subscription ($id: ID!) {
  executionEvents(executionId: $id) { seq type stepName at }
}`;

/** What the documentation of graphql-ws and graphql-subscriptions shows, with the same fields and nothing else. */
async function serve(): Promise<FanOutServer> {
  const schema = buildSchema(`
    type Query { ok: Boolean }
    type ExecutionEvent { seq: Int! type: String! stepName: String at: String! }
    type Subscription { executionEvents(executionId: ID!): ExecutionEvent! }
  `);
  const pubSub = new PubSub();
  // One listener a subscriber is how it works.
  (pubSub as unknown as { ee: { setMaxListeners(count: number): void } }).ee.setMaxListeners(0);
  const field = schema.getSubscriptionType()!.getFields().executionEvents!;
  field.subscribe = (_source, { executionId }) => pubSub.asyncIterableIterator(executionId as string);
  field.resolve = (event) => event;
  const server = createServer();
  useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let seq = 0;
  return {
    port: (server.address() as AddressInfo).port,
    subscription: (execution) => ({
      path: "/graphql",
      opening: { init: {}, subscribe: { query, variables: { id: String(execution) } } },
    }),
    greeting: 0,
    publish: (execution) => {
      seq += 1;
      const event = { seq, type: "STEP_COMPLETED", stepName: stamp(), at: new Date().toISOString() };
      void pubSub.publish(String(execution), event);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

console.log(JSON.stringify(await measureFanOut(await serve())));
process.exit();
