import { once } from "node:events";
import { createServer } from "node:http";
import { buildSchema } from "graphql";
import { PubSub } from "graphql-subscriptions";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
// The load is the harness's own: all are measured by the same code.
import { measureFanOut, stamp } from "../../../dist/benchmarks/scenarios/fan-out/measure.js";

const query = `subscription ($id: ID!) {
  executionEvents(executionId: $id) { seq type stepName at }
}`;

/** What the documentation of graphql-ws and graphql-subscriptions shows, with the same fields and nothing else. */
async function serve() {
  const schema = buildSchema(`
    type Query { ok: Boolean }
    type ExecutionEvent { seq: Int! type: String! stepName: String at: String! }
    type Subscription { executionEvents(executionId: ID!): ExecutionEvent! }
  `);
  const pubSub = new PubSub();
  // One listener a subscriber is how it works.
  pubSub.ee.setMaxListeners(0);
  const field = schema.getSubscriptionType().getFields().executionEvents;
  field.subscribe = (_source, { executionId }) => pubSub.asyncIterableIterator(executionId);
  field.resolve = (event) => event;
  const server = createServer();
  useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let seq = 0;
  return {
    port: server.address().port,
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
