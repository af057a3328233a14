import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { after, before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { startDeliverer } from "../../tests/support/deliverer.ts";
import { TENANT, type TestEngine, testEngine, toAll } from "../../tests/support/engine.ts";
import { startServer } from "../../tests/support/test-server.ts";
import { firstOf } from "../../tests/support/window.ts";
import { tenantNamed } from "../model/index.ts";
import type { JsonValue } from "../model/json.ts";
import { createWebhookSecret } from "../secret/signature.ts";
import type { WebhookDeliveryRow } from "../store/entities/webhook-delivery.ts";

const OTHER = tenantNamed("other");

const secret = createWebhookSecret();
const environment = toAll({ HOOK_SECRET: secret, BAD_SECRET: "not a secret of that form" });

let t: TestEngine;
before(async () => {
  t = await testEngine({ environment, deliverWebhooks: false });
});
after(() => t.close());

const log = (name: string) => ({ name, type: "log", config: { message: name } });
const failing = {
  name: "bad",
  type: "http_request",
  config: { url: "http://127.0.0.1:1/" },
  retry: { max_attempts: 1 },
};
const start = (webhooks: JsonValue, steps: JsonValue = [log("a")]) =>
  t.start([], { workflow: { workflow_config: { steps, webhooks } } });
const settled = (count: number) => (rows: WebhookDeliveryRow[]) =>
  rows.length === count && rows.every(({ status }) => status !== "pending");

async function receiver(
  context: TestContext,
  answers: (number | { status: number; headers: object; body?: string })[] = [],
) {
  let calls = 0;
  const server = await startServer(context, (_request, response) => {
    const answer = answers[calls++] ?? 200;
    const { status, headers, body } = typeof answer === "number" ? { status: answer, headers: {}, body: "" } : answer;
    response.writeHead(status, headers as Record<string, string>).end(body);
  });
  return { server, bodies: () => server.received.map(({ body }) => JSON.parse(body)) };
}

test("the four events are sent as documented, signed, to the targets that ask for them", async (context) => {
  const { server, bodies } = await receiver(context);
  const only = await receiver(context);
  const d = await startDeliverer(context, t, environment);
  const webhooks = [
    { url: server.origin, secret: "{{env.HOOK_SECRET}}" },
    { url: only.server.origin, events: ["workflow_failed"] },
  ];
  const { id, workflowId } = await start(webhooks, [log("a"), failing]);
  await t.finished(id);
  d.deliverer.wake();
  const rows = await d.until(TENANT, { executionId: id }, settled(4));
  assert.deepEqual(
    rows.map(({ eventType, target, status }) => [eventType, target, status]),
    [
      ["step_completed", 0, "delivered"],
      ["step_failed", 0, "delivered"],
      ["workflow_failed", 0, "delivered"],
      ["workflow_failed", 1, "delivered"],
    ],
  );
  assert.equal(rows[2]?.messageId, rows[3]?.messageId);
  assert.equal(new Set(rows.map(({ messageId }) => messageId)).size, 3);
  assert.deepEqual([...new Set(rows.map(({ url }) => url))], [server.origin, only.server.origin]);

  const sent = Object.fromEntries(bodies().map((body) => [body.event_type, body]));
  for (const body of bodies()) {
    assert.deepEqual(Object.keys(body), [
      "event_type",
      "workflow_id",
      "execution_id",
      "status",
      "timestamp",
      "execution_time_ms",
      "result_data",
    ]);
    assert.equal(body.workflow_id, workflowId);
    assert.equal(body.execution_id, id);
    assert.match(body.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Number.isInteger(body.execution_time_ms) && body.execution_time_ms >= 0);
  }
  assert.equal(sent.step_completed.status, "completed");
  assert.deepEqual(sent.step_completed.result_data, { a: { message: "a", level: "info" } });
  assert.equal(sent.step_failed.status, "failed");
  assert.deepEqual(Object.keys(sent.step_failed.result_data), ["bad"]);
  assert.ok(sent.step_failed.result_data.bad.error.message);
  assert.equal(sent.workflow_failed.status, "failed");
  assert.deepEqual(Object.keys(sent.workflow_failed.result_data), ["a", "bad"]);

  for (const { headers, body } of server.received) {
    assert.equal(headers["content-type"], "application/json");
    new Webhook(secret).verify(body, headers as Record<string, string>);
  }
  assert.equal(only.server.received[0]?.headers["webhook-signature"], undefined);
  assert.ok(only.server.received[0]?.headers["webhook-id"]);
});

test("items, inline actions and compensations are told of by their step alone", async (context) => {
  const { server, bodies } = await receiver(context);
  const d = await startDeliverer(context, t, environment);
  const steps = [
    { ...log("each"), for_each: { items: [1, 2, 3] } },
    {
      name: "check",
      type: "conditional",
      config: { condition: "1 = 1", true_action: { type: "log", config: { message: "x" } } },
    },
    { ...log("undoable"), compensate: { type: "log", config: { message: "undo" } } },
    failing,
  ];
  const { id } = await start([{ url: server.origin }], steps);
  await t.finished(id);
  d.deliverer.wake();
  await d.until(TENANT, { executionId: id }, settled(5));
  assert.deepEqual(
    bodies()
      .map(({ event_type, result_data }) => [event_type, ...Object.keys(result_data)].join(" "))
      .sort(),
    [
      "step_completed check",
      "step_completed each",
      "step_completed undoable",
      "step_failed bad",
      "workflow_failed each check undoable bad",
    ],
  );
});

test("a time-out is a failed workflow with status timeout; a cancellation is not told of", async (context) => {
  const { server, bodies } = await receiver(context);
  const d = await startDeliverer(context, t, environment);
  const wait = [{ name: "wait", type: "delay", config: { seconds: 60 } }];
  const config = { steps: wait, webhooks: [{ url: server.origin }] };
  const slow = await t.start([], { workflow: { workflow_config: config, timeout_seconds: 1 } });
  const cancelled = await start([{ url: server.origin }], wait);
  await t.reached(cancelled.id, "execution.waiting");
  await t.engine.executions.cancel(TENANT, cancelled.id, { compensate: true, reason: null });
  await t.finished(slow.id);
  d.deliverer.wake();
  await d.until(TENANT, { executionId: slow.id }, settled(1));
  assert.equal(await d.deliveries.count(TENANT, { executionId: cancelled.id }), 0);
  assert.deepEqual(
    bodies().map(({ event_type, status }) => [event_type, status]),
    [["workflow_failed", "timeout"]],
  );
});

test("what is not 2xx is tried again with the same id and a fresh timestamp, until it is", async (context) => {
  const { server } = await receiver(context, [500, { status: 302, headers: { location: "/elsewhere" } }, 404, 204]);
  const d = await startDeliverer(context, t, environment, { retrySeconds: [0.01, 0.01, 0.01, 0.01] });
  const { id } = await start([{ url: `${server.origin}/in`, events: ["workflow_completed"], secret }]);
  await t.finished(id);
  d.deliverer.wake();
  const [row] = await d.until(TENANT, { executionId: id }, settled(1));
  assert.equal(row?.status, "delivered");
  assert.equal(row.attempt, 4);
  assert.equal(row.responseStatus, 204);
  assert.deepEqual(
    server.received.map(({ url }) => url),
    ["/in", "/in", "/in", "/in"],
  );
  assert.equal(new Set(server.received.map(({ headers }) => headers["webhook-id"])).size, 1);
  assert.equal(new Set(server.received.map(({ body }) => body)).size, 1);
});

test("after the last attempt it is given up, with the answer kept", async (context) => {
  const { server } = await receiver(
    context,
    Array(3).fill({ status: 503, headers: {}, body: `no ${secret} ${"x".repeat(5_000)}` }),
  );
  const d = await startDeliverer(context, t, environment, { retrySeconds: [0.01, 0.01] });
  const { id } = await start([{ url: server.origin, events: ["workflow_completed"] }]);
  await t.finished(id);
  d.deliverer.wake();
  const [row] = await d.until(TENANT, { executionId: id }, settled(1));
  assert.equal(row?.status, "failed");
  assert.equal(row.attempt, 3);
  assert.equal(row.responseStatus, 503);
  assert.match(row.responseExcerpt ?? "", /^no \*\*\* x{900,}$/);
  assert.equal(row.responseExcerpt?.length, 1_000);
  assert.match(row.error ?? "", /status 503/);
  assert.ok(row.completedAt && row.dueAt === null);
  assert.deepEqual(d.logged, ["Gave up a webhook delivery"]);
});

test("410 ends it at once, and Retry-After puts it off", async (context) => {
  const gone = await receiver(context, [410]);
  const later = await receiver(context, [{ status: 429, headers: { "retry-after": "60" } }]);
  const d = await startDeliverer(context, t, environment, { retrySeconds: [0.01] });
  const events = ["workflow_completed"];
  const { id } = await start([
    { url: gone.server.origin, events },
    { url: later.server.origin, events },
  ]);
  await t.finished(id);
  d.deliverer.wake();
  const rows = await d.until(
    TENANT,
    { executionId: id },
    ([a, b]) => a?.status === "failed" && b?.responseStatus === 429,
  );
  assert.equal(rows[0]?.attempt, 1);
  assert.equal(rows[1]?.status, "pending");
  const waitMs = (rows[1].dueAt?.getTime() ?? 0) - (rows[1].attemptedAt?.getTime() ?? 0);
  assert.ok(waitMs >= 59_000 && waitMs < 70_000, `${waitMs}`);
});

test("a target that is private, or whose secret is none, is given up without a call", async (context) => {
  const { server } = await receiver(context);
  const d = await startDeliverer(context, t, environment);
  const events = ["workflow_completed"];
  const { id } = await start([
    { url: "http://127.0.0.2:80/", events },
    { url: "http://[::ffff:169.254.169.254]/latest/meta-data", events },
    { url: "http://0x7f.2/", events },
    { url: server.origin, events, secret: "{{env.BAD_SECRET}}" },
  ]);
  await t.finished(id);
  d.deliverer.wake();
  const rows = await d.until(TENANT, { executionId: id }, settled(4));
  assert.deepEqual(
    rows.map(({ status, attempt }) => [status, attempt]),
    Array(4).fill(["failed", 1]),
  );
  assert.match(rows[3]?.error ?? "", /whsec_/);
  assert.equal(server.received.length, 0);
});

test("what was committed while nobody delivered is sent later", async (context) => {
  const { server } = await receiver(context);
  const { id } = await start([{ url: server.origin }]);
  await t.finished(id);
  await t.restart();
  const d = await startDeliverer(context, t, environment);
  await d.until(TENANT, { executionId: id }, settled(2));
  assert.equal(server.received.length, 2);
});

test("a deliverer that is killed in the middle of a request is replaced by another", async (context) => {
  let answer = (): void => {};
  const asked = Promise.withResolvers<void>();
  let calls = 0;
  const server = await startServer(context, (_request, response) => {
    answer = () => response.writeHead(200).end();
    if (++calls === 1) asked.resolve();
    else answer();
  });
  const { id } = await start([{ url: server.origin, events: ["workflow_completed"] }]);
  await t.finished(id);
  const child = spawnDeliverer(context, server.origin);
  await asked.promise;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  const d = await startDeliverer(context, t, environment);
  const [row] = await d.until(TENANT, { executionId: id }, settled(1));
  assert.equal(row?.status, "delivered");
  assert.equal(row.attempt, 2);
  assert.equal(server.received.length, 2);
  assert.equal(server.received[0]?.headers["webhook-id"], server.received[1]?.headers["webhook-id"]);
});

test("several deliverers share the work, and send each message once", async (context) => {
  const { server } = await receiver(context);
  const ids = await Promise.all(
    Array.from({ length: 40 }, () => start([{ url: server.origin, events: ["workflow_completed"] }])),
  );
  await Promise.all(ids.map(({ id }) => t.finished(id)));
  const children = [1, 2].map(() => spawnDeliverer(context, server.origin));
  const d = await startDeliverer(context, t, environment);
  const found = new Set<number>(ids.map(({ id }) => id));
  await d.until(
    TENANT,
    { statuses: ["delivered"] },
    (rows) => rows.filter(({ executionId }) => found.has(executionId)).length === 40,
  );
  assert.equal(server.received.length, 40);
  assert.equal(new Set(server.received.map(({ headers }) => headers["webhook-id"])).size, 40);
  for (const child of children) child.kill("SIGKILL");
});

test("a dead target holds up its own workflow alone", async (context) => {
  const dead = await startServer(context, () => {});
  const { server } = await receiver(context);
  const slow = await start(
    [{ url: dead.origin, events: ["step_completed"] }],
    Array.from({ length: 60 }, (_, i) => log(`s${i}`)),
  );
  await t.finished(slow.id);
  const quick = await start([{ url: server.origin, events: ["workflow_completed"] }]);
  await t.finished(quick.id);
  const d = await startDeliverer(context, t, environment);
  await d.until(TENANT, { executionId: quick.id }, settled(1));
  assert.ok(dead.received.length < 20);
  await d.deliverer.stop(0);
  const { items: rows } = await d.deliveries.list(TENANT, { executionId: slow.id }, firstOf(100));
  assert.ok(rows.every(({ status, dueAt }) => status === "pending" && dueAt && dueAt.getTime() <= Date.now() + 50));
  await d.pool.query("DELETE FROM webhook_delivery WHERE execution_id = $1", [slow.id]);
});

test("a delivery is sent again by hand under its old id, and lists page by id within a tenant", async (context) => {
  const { server } = await receiver(context, [410]);
  const d = await startDeliverer(context, t, environment);
  const { id, workflowId } = await start([{ url: server.origin, events: ["workflow_completed"] }]);
  await t.finished(id);
  d.deliverer.wake();
  const [first] = await d.until(TENANT, { executionId: id }, settled(1));
  assert.equal(first?.status, "failed");
  const again = await d.deliveries.resend(TENANT, first.id);
  assert.equal(again.resentFromId, first.id);
  await d.until(TENANT, { executionId: id, statuses: ["delivered"] }, settled(1));
  assert.equal(server.received[0]?.headers["webhook-id"], server.received[1]?.headers["webhook-id"]);
  assert.equal(server.received[0]?.body, server.received[1]?.body);

  const ids = async (limit: number, after?: number) =>
    (await d.deliveries.list(TENANT, { workflowId }, firstOf(limit, after))).items.map((row) => row.id);
  assert.deepEqual([await ids(1), await ids(5, again.id)], [[again.id], [first.id]]);
  assert.equal(await d.deliveries.count(OTHER, { workflowId }), 0);
  await assert.rejects(d.deliveries.get(OTHER, first.id), { code: "DELIVERY_NOT_FOUND" });
  await assert.rejects(d.deliveries.resend(OTHER, first.id), { code: "DELIVERY_NOT_FOUND" });
});

test("broken webhooks are refused with the definition's other issues", async () => {
  const refused = start([{ url: "nowhere" }], [{ type: "nothing" }]);
  await assert.rejects(refused, (error: { issues: { path: string }[] }) => {
    assert.deepEqual(
      error.issues.map(({ path }) => path),
      ["workflow_config.steps[0].type", "workflow_config.webhooks[0].url"],
    );
    return true;
  });
});

function spawnDeliverer(context: TestContext, url: string): ChildProcess {
  const script = fileURLToPath(new URL("../../tests/support/deliverer-child.js", import.meta.url));
  const child = fork(script, [t.options.databaseUrl, url]);
  context.after(() => child.kill("SIGKILL"));
  return child;
}
