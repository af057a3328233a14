import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createSseClient, type RequestParams, type Client as SseClient } from "graphql-sse";
import { createClient, type Client as WsClient } from "graphql-ws";
import { WebSocket } from "ws";
import { testDatabase } from "./support/postgres.ts";
import { API_KEY, ask, ended, workflowOf } from "./support/rest-client.ts";
import { type Ended, type Service, startService } from "./support/service.ts";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const WS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CLIENT_SPAN = "b7ad6b7169203331";

async function serve(
  answer: (request: IncomingMessage, body: string) => void,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      answer(request, body);
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The execution that each of the transports has started. */
async function askOver(client: WsClient | SseClient, workflowId: number, trace: string): Promise<number> {
  const ask = async <T>(payload: RequestParams): Promise<T[]> => {
    const results: T[] = [];
    for await (const { data } of client.iterate<T>(payload)) if (data) results.push(data);
    return results;
  };
  const [started] = await ask<{ executeWorkflow: { execution: { id: string } } }>({
    query: `mutation { executeWorkflow(input: { workflowId: "wf_${workflowId}" }) { execution { id } } }`,
    extensions: { traceparent: `00-${trace}-${CLIENT_SPAN}-01` },
  });
  const { id } = started!.executeWorkflow.execution;
  const events = (of: string) => ask({ query: `subscription { executionEvents(executionId: "${of}") { seq } }` });
  assert.ok((await events(id)).length > 5);
  await events("ex_999999").catch(() => {});
  await ask({ query: "{ nothing }" }).catch(() => {});
  return Number(id.slice("ex_".length));
}

/** One service, asked over HTTP, WebSocket and event stream; what it exported and logged is looked at once it has stopped. */
describe("a service that is watched", { timeout: 120_000 }, () => {
  const spans: Span[] = [];
  const sentOn: (string | undefined)[] = [];
  let exported: string[] = [];
  let lines: Record<string, unknown>[] = [];
  let metrics = "";
  let metricsWhileSubscribed = "";
  const ids = { rest: 0, graphql: 0, untraced: 0 };

  before(async () => {
    const database = await testDatabase();
    const receiver = await serve(({ url = "", headers }, body) => {
      exported.push(`${url} ${headers["x-tenant"]}`);
      for (const { scopeSpans } of JSON.parse(body).resourceSpans) {
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
    });
    const target = await serve(({ headers }) => sentOn.push(headers.traceparent as string | undefined));
    const service = startService({
      env: {
        DATABASE_URL: database.url,
        API_KEY,
        ALLOW_PRIVATE_NETWORK: "127.0.0.1",
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=acme",
      },
    });
    let end: Ended | undefined;
    try {
      await drive(service, target.url);
    } finally {
      end = await service.kill("SIGTERM");
      for (const { server } of [receiver, target]) {
        server.closeAllConnections();
        server.close();
      }
      await database.drop();
    }
    lines = end.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    exported = [...new Set(exported)];
  });

  async function drive(service: Service, url: string): Promise<void> {
    const id = await workflowOf(service, "traced", [
      { name: "greet", type: "log", config: { message: "hello" } },
      { name: "fetch", type: "http_request", config: { url } },
    ]);
    const start = async (headers: Readonly<Record<string, string>>) => {
      const { body } = await ask(service, "POST", `/api/v1/workflows/${id}/execute`, {}, headers);
      await ended(service, body.execution_id);
      return body.execution_id as number;
    };
    ids.rest = await start({ traceparent: `00-${TRACE}-${CLIENT_SPAN}-01`, "x-correlation-id": "order-7" });
    ids.untraced = await start({ traceparent: `00-${TRACE.replace("0", "f")}-${CLIENT_SPAN}-00` });
    const { body } = await ask(service, "POST", "/graphql", {
      query: `mutation { executeWorkflow(input: { workflowId: "wf_${id}" }) { execution { id } } }`,
    });
    ids.graphql = Number(/\d+$/.exec(body.data.executeWorkflow.execution.id)?.[0]);
    await ended(service, ids.graphql);
    await ask(service, "POST", "/graphql", { query: "{ nothing }" });
    const clients = (address: string) => [
      createClient({
        url: `${address.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { apiKey: API_KEY },
      }),
      createSseClient({ url: `${address}/graphql/stream`, headers: { "x-api-key": API_KEY }, retryAttempts: 0 }),
    ];
    const address = await service.address;
    for (const client of clients(address)) {
      await ended(service, await askOver(client, id, WS_TRACE));
      client.dispose();
    }
    const scrape = async () => (await fetch(`${address}/metrics`)).text();
    metrics = await scrape();
    const followers = clients((await service.sagaAddress)!);
    for (const client of followers) {
      await client.iterate({ query: "subscription { domainEvents { position } }" }).next();
    }
    metricsWhileSubscribed = await scrape();
    for (const client of followers) client.dispose();
    // The server hears of it when the connections are closed.
    while (!/^stepwire_graphql_subscriptions\{field="domainEvents"\} 0$/m.test(await scrape())) await sleep(10);
  }

  const named = (name: string, traceId: string): Span => {
    const found = spans.filter((span) => span.name === name && span.traceId === traceId);
    assert.equal(found.length, 1, `spans named ${name}: ${JSON.stringify(spans, null, 1)}`);
    return found[0]!;
  };

  test("sends a trace from the client's span through request and execution to each step", () => {
    assert.deepEqual(exported, ["/v1/traces acme"]);
    const request = named("POST /api/v1/workflows/:workflow_id/execute", TRACE);
    assert.equal(request.parentSpanId, CLIENT_SPAN);
    const execution = spans.find(({ name, traceId }) => name.startsWith("execution of workflow") && traceId === TRACE);
    assert.equal(execution?.parentSpanId, request.spanId);
    for (const step of ["step greet", "step fetch"]) {
      assert.equal(named(step, TRACE).parentSpanId, execution?.spanId);
    }
    assert.equal(sentOn[0], `00-${TRACE}-${named("step fetch", TRACE).spanId}-01`);
  });

  test("names a span after each GraphQL operation, whichever way it came, and what it started is below", () => {
    const operations = spans.filter(({ name }) => name === "graphql mutation executeWorkflow");
    assert.equal(operations.length, 3, JSON.stringify(spans.map(({ name }) => name)));
    for (const { traceId, spanId } of operations) {
      const execution = spans.find((span) => span.name.startsWith("execution of workflow") && span.traceId === traceId);
      assert.equal(execution?.parentSpanId, spanId);
      assert.equal(named("step greet", traceId).parentSpanId, execution?.spanId);
    }
    const overSocket = operations.find(({ traceId }) => traceId === WS_TRACE);
    assert.equal(overSocket?.parentSpanId, CLIENT_SPAN, "an operation of a socket brings its traceparent itself");
    const started = spans.filter(({ name }) => name === "graphql subscription executionEvents");
    assert.equal(started.length, 4);
  });

  test("makes no spans for a client that does not sample, and sends its context on", () => {
    const trace = TRACE.replace("0", "f");
    assert.deepEqual(
      spans.filter(({ traceId }) => traceId === trace),
      [],
    );
    assert.match(sentOn[1] ?? "", new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
  });

  test("logs JSON, with the correlation id of the request on the lines of a log step", () => {
    const greeting = lines.find(({ execution_id }) => execution_id === ids.rest);
    assert.ok(greeting, JSON.stringify(lines));
    const { level, msg, correlation_id, step } = greeting;
    assert.deepEqual(
      { level, msg, correlation_id, step },
      { level: "info", msg: "hello", correlation_id: "order-7", step: "greet" },
    );
  });

  test("counts what it did", () => {
    for (const expected of [
      /^stepwire_executions_started_total\{trigger="manual"\} 5$/m,
      /^stepwire_executions_ended_total\{outcome="completed"\} 5$/m,
      /^stepwire_step_attempt_duration_seconds_count\{type="http_request",result="completed"\} 5$/m,
      /^stepwire_executions_in_hand \d+$/m,
      /^stepwire_http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/workflows\/:workflow_id\/execute",status="200"\} 2$/m,
      /^stepwire_pool_connections\{pool="sql",state="(busy|idle)"\} \d+$/m,
    ]) {
      assert.match(metrics, expected);
    }
    assert.ok(Number(/^stepwire_journal_batch_events_sum (\d+)$/m.exec(metrics)?.[1]) >= 5 * 7);
  });

  test("counts GraphQL operations over HTTP, WebSocket and event stream alike, and the subscriptions in progress", () => {
    const counted = (operation: string, field: string, result: string): number => {
      const labels = `operation="${operation}",field="${field}",result="${result}"`;
      const line = `stepwire_graphql_operation_duration_seconds_count{${labels}} `;
      return Number(
        metrics
          .split("\n")
          .find((one) => one.startsWith(line))
          ?.slice(line.length) ?? 0,
      );
    };
    assert.equal(counted("mutation", "executeWorkflow", "ok"), 3);
    assert.equal(counted("none", "none", "error"), 3);
    assert.equal(counted("subscription", "executionEvents", "ok"), 2);
    assert.equal(counted("subscription", "executionEvents", "error"), 2);
    assert.match(metrics, /^stepwire_graphql_subscriptions\{field="executionEvents"\} 0$/m);
    assert.match(metricsWhileSubscribed, /^stepwire_graphql_subscriptions\{field="domainEvents"\} 2$/m);
  });
});
