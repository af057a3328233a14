import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { testDatabase } from "./support/postgres.ts";
import { API_KEY, ask, ended, workflowOf } from "./support/rest-client.ts";
import { type Service, startService } from "./support/service.ts";

const CLIENTS = 20;
/** Short and long ones: some end while the service stops, and some are handed back. */
const steps = [
  { name: "a", type: "log", config: { message: "one" } },
  { name: "b", type: "delay", config: { seconds: 0.05 } },
  { name: "c", type: "data_transform", config: { source_data: { n: 1 }, transformations: [] } },
  { name: "d", type: "delay", config: { seconds: 1 } },
  { name: "e", type: "log", config: { message: "{{execution_id}}" } },
];

/** Live events, over HTTP, of an execution that goes on for an hour. */
async function openStream(service: Service): Promise<Response> {
  const id = await workflowOf(service, "long", [{ name: "wait", type: "delay", config: { seconds: 3_600 } }]);
  const { body } = await ask(service, "POST", `/api/v1/workflows/${id}/execute`, {});
  const response = await fetch(`${await service.address}/graphql/stream`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${API_KEY}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ query: `subscription { executionEvents(executionId: "ex_${body.execution_id}") { seq } }` }),
  });
  assert.equal(response.status, 200);
  return response;
}

describe("a stop under load", { timeout: 120_000 }, () => {
  test("is announced, answers all that it took, exits 0, and loses no execution", async (t) => {
    const database = await testDatabase();
    t.after(() => database.drop());
    const env = {
      DATABASE_URL: database.url,
      API_KEY,
      LOG_LEVEL: "warn",
      RATE_LIMITS: "off",
      SHUTDOWN_DELAY_SECONDS: "5",
    };
    const service = startService({ env });
    const address = await service.address;
    const workflowId = await workflowOf(service, "busy", steps);

    const accepted: number[] = [];
    const broken: unknown[] = [];
    let isAnnounced = false;
    /** Sends what a load balancer would: nothing new once /ready says 503. */
    const client = async (): Promise<void> => {
      while (!isAnnounced) {
        try {
          const { status, body } = await ask(service, "POST", `/api/v1/workflows/${workflowId}/execute`, {});
          if (status === 200) accepted.push(body.execution_id);
          else broken.push(body);
        } catch (error) {
          broken.push(error);
        }
      }
    };
    const closed = Promise.withResolvers<number>();
    const socket = createClient({
      url: `${address.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${API_KEY}` },
      lazy: false,
      retryAttempts: 0,
      on: { closed: (event) => closed.resolve((event as { code: number }).code) },
      onNonLazyError: () => {},
    });
    const stream = await openStream(service);
    const clients = Array.from({ length: CLIENTS }, client);
    while (accepted.length < 100) await sleep(5);

    assert.equal((await ask(service, "GET", "/ready")).status, 200);
    const end = service.kill("SIGTERM");
    for (;;) {
      const { status, body } = await ask(service, "GET", "/ready");
      if (status === 503) {
        assert.equal(body.error_code, "NOT_READY");
        assert.equal(body.detail, "The service is stopping");
        isAnnounced = true;
        break;
      }
    }
    assert.equal((await ask(service, "GET", "/live")).status, 200);
    await Promise.all(clients);
    const { code, stderr } = await end;
    assert.deepEqual({ code, stderr, broken }, { code: 0, stderr: "", broken: [] });
    assert.equal(await closed.promise, 1001);
    // It was ended, not cut: reading it to its end does not fail.
    await stream.text();
    await socket.dispose();

    const next = startService({ env });
    t.after(() => next.kill("SIGTERM"));
    for (const id of accepted) {
      const execution = await ended(next, id);
      assert.equal(execution.status, "completed", JSON.stringify(execution));
      assert.deepEqual(execution.result_data.e, { message: String(id), level: "info" });
    }
  });
});
