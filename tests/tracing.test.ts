import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { before, describe, test } from "node:test";
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

/** One service, asked over HTTP; what it exported and logged is looked at once it has stopped. */
describe("a service that is watched", { timeout: 120_000 }, () => {
  const spans: Span[] = [];
  const sentOn: (string | undefined)[] = [];
  let exported: string[] = [];
  let lines: Record<string, unknown>[] = [];
  let metrics = "";
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
    metrics = await (await fetch(`${await service.address}/metrics`)).text();
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

  test("names the span of a GraphQL request after its operation", () => {
    const request = spans.find(({ name }) => name === "graphql mutation executeWorkflow");
    assert.ok(request, JSON.stringify(spans.map(({ name }) => name)));
    assert.equal(named("step greet", request.traceId).name, "step greet");
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
      /^stepwire_executions_started_total\{trigger="manual"\} 3$/m,
      /^stepwire_executions_ended_total\{outcome="completed"\} 3$/m,
      /^stepwire_step_attempt_duration_seconds_count\{type="http_request",result="completed"\} 3$/m,
      /^stepwire_executions_in_hand \d+$/m,
      /^stepwire_http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/workflows\/:workflow_id\/execute",status="200"\} 2$/m,
      /^stepwire_graphql_operation_duration_seconds_count\{operation="mutation",field="executeWorkflow",result="ok"\} 1$/m,
      /^stepwire_pool_connections\{pool="sql",state="(busy|idle)"\} \d+$/m,
    ]) {
      assert.match(metrics, expected);
    }
    assert.ok(Number(/^stepwire_journal_batch_events_sum (\d+)$/m.exec(metrics)?.[1]) >= 3 * 7);
  });
});
