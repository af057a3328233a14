import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { createApiServer } from "../../../edge/index.ts";
import { type Bus, channels, type ExecutionEvent, type JsonObject } from "../../../engine/index.ts";
import { createLogger } from "../../../server/config/index.ts";
import { engineApi, serveGraphql } from "../../../server/graphql/index.ts";
import type { Values } from "../../harness/scenario.ts";
import { percentile } from "../../harness/statistics.ts";
import { benchmarkEngine, TENANT } from "../benchmark-engine.ts";

/** Each is a few commits of one or two events, so the events come one by one. */
const STEPS = 300;
const definition = {
  steps: Array.from({ length: STEPS }, (_, n) => ({ name: `s${n}`, type: "delay", config: { seconds: 0.01 } })),
};
const query = `subscription ($id: ID!) { executionEvents(executionId: $id) { seq type stepName at } }`;

/**
 * From the moment at which an execution's events are committed, and handed to the bus, to that at which its one subscriber
 * has them. Both are in this process: one clock.
 */
export async function measureDelivery(databaseUrl: string, redisUrl?: string): Promise<Values> {
  const { engine, close } = await benchmarkEngine(databaseUrl, { redisUrl });
  const server = createApiServer(createLogger("error"));
  await serveGraphql(server, engineApi(engine, createLogger("error")));
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { secret } = await engine.keys.create({ tenantId: TENANT, name: "bench", scopes: ["read"], expiresAt: null });
  const workflow = await engine.workflows.create(TENANT, {
    name: "delays",
    workflow_config: definition as unknown as JsonObject,
  });
  const committedAt = new Map<number, number>();
  const bus = engine.bus as { publish: Bus["publish"] };
  const publish = bus.publish.bind(bus);
  bus.publish = (channel, message) => {
    const event = message as ExecutionEvent | null;
    if (event && channel === channels.execution(event.executionId)) committedAt.set(event.seq, performance.now());
    publish(channel, message);
  };
  const socket = new WebSocket(`ws://127.0.0.1:${(server.server.address() as AddressInfo).port}/graphql`, [
    "graphql-transport-ws",
  ]);
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: secret } }));
  await once(socket, "message");
  const { id } = await engine.executions.start({ tenantId: TENANT, workflowId: workflow.id, triggerData: {} });
  const latenciesMs: number[] = [];
  const done = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (type !== "next") return done.resolve();
    const at = committedAt.get(payload.data.executionEvents.seq);
    if (at !== undefined) latenciesMs.push(performance.now() - at);
  });
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables: { id: `ex_${id}` } } }));
  await done.promise;
  socket.terminate();
  await server.close();
  await close();
  // Compilers and caches settle, and the subscription begins behind the execution.
  const counted = latenciesMs.slice(Math.floor(latenciesMs.length / 10));
  return { p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99) };
}
