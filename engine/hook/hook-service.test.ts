import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, mock, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import { firstOf } from "../../tests/support/window.ts";
import { tenantNamed } from "../model/index.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { HookCall } from "./call.ts";
import { HookService } from "./hook-service.ts";

const OTHER = tenantNamed("other");

let t: TestEngine;
let database: Database;
let hooks: HookService;
let workflowId: number;
before(async () => {
  t = await testEngine();
  database = await openDatabase(t.options.databaseUrl);
  const { workflows, executions } = t.engine;
  hooks = new HookService({ em: database.em, workflows, executions });
  const steps = [{ name: "a", type: "log", config: { message: "{{trigger.body}}" } }];
  workflowId = (await workflows.create(TENANT, { name: "hooked", workflow_config: { steps } })).id;
});
after(async () => {
  await database.close();
  await t.close();
});

const create = (input: JsonObject = {}) => hooks.create(TENANT, { workflow_id: workflowId, name: "h", ...input });
let calls = 0;

function call(headers: HookCall["headers"], body: JsonValue | Buffer, query: JsonObject = {}): HookCall {
  const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const all = { "content-type": "application/json", ...headers };
  return { headers: all, rawBody, query, correlationId: "c-1" };
}

/** Signed by an implementation that is not ours. */
function signed(
  secret: string | null,
  body: JsonValue,
  { id = `msg_${++calls}`, ageSeconds = 0, headers = {} } = {},
): HookCall {
  const at = new Date(Date.now() - ageSeconds * 1_000);
  return call(
    {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret!).sign(id, at, JSON.stringify(body)),
      ...headers,
    },
    body,
  );
}

function hubSigned(secret: string | null, body: JsonValue, headers: HookCall["headers"] = {}): HookCall {
  const hex = createHmac("sha256", secret!).update(JSON.stringify(body)).digest("hex");
  return call({ "x-hub-signature-256": `sha256=${hex}`, ...headers }, body);
}

test("a signed call starts the workflow with what it brought, and without what it must not bring", async () => {
  const { token, secret } = await create();
  const before = Date.now();
  const headers = { authorization: "Bearer x", cookie: "a=b", "x-api-key": "k", "x-github-event": "push" };
  const started = await hooks.receive(token, {
    ...signed(secret, { n: 5 }, { id: "msg_in", headers }),
    query: { q: "1" },
  });
  const { execution } = await t.finished(started.id);
  assert.equal(execution.status, "completed");
  assert.equal(execution.triggerType, "webhook");
  assert.equal(execution.workflowId, workflowId);
  assert.equal(execution.correlationId, "c-1");
  const { body, headers: seen, query, received_at: receivedAt } = execution.triggerData;
  assert.deepEqual(body, { n: 5 });
  assert.deepEqual(query, { q: "1" });
  assert.deepEqual(Object.keys(seen as object).sort(), [
    "content-type",
    "webhook-id",
    "webhook-timestamp",
    "x-github-event",
  ]);
  const at = Date.parse(receivedAt as string);
  assert.ok(at >= before && at <= Date.now());
});

test("a repeat gives the same execution, also at once; the same id with another body is refused", async () => {
  const { token, secret } = await create();
  const again = () => hooks.receive(token, signed(secret, { n: 1 }, { id: "msg_same" }));
  const started = await Promise.all([again(), again(), again()]);
  started.push(await hooks.receive(token, signed(secret, { n: 1 }, { id: "msg_same", ageSeconds: 10 })));
  assert.equal(new Set(started.map(({ id }) => id)).size, 1);
  await assert.rejects(hooks.receive(token, signed(secret, { n: 2 }, { id: "msg_same" })), {
    code: "IDEMPOTENCY_CONFLICT",
  });
  const other = await create();
  const elsewhere = await hooks.receive(other.token, signed(other.secret, { n: 1 }, { id: "msg_same" }));
  assert.notEqual(elsewhere.id, started[0]?.id);
});

test("GitHub's signature is taken, and its delivery id or Idempotency-Key makes a repeat the same", async () => {
  const { token, secret } = await create();
  const receive = async (headers: HookCall["headers"]) =>
    (await hooks.receive(token, hubSigned(secret, { a: 1 }, headers))).id;
  const first = await receive({ "x-github-delivery": "d-1" });
  assert.equal(await receive({ "x-github-delivery": "d-1" }), first);
  assert.notEqual(await receive({ "x-github-delivery": "d-2" }), first);
  const keyed = await receive({ "idempotency-key": "k-1", "x-github-delivery": "d-1" });
  assert.notEqual(keyed, first);
  assert.equal(await receive({ "idempotency-key": "k-1" }), keyed);
  assert.notEqual(await receive({}), await receive({}));
});

test("calls that are unsigned, signed by others or changed are refused, and start nothing", async () => {
  const { token, secret } = await create();
  const other = await create();
  const good = signed(secret, { n: 1 });
  const table: HookCall[] = [
    call({}, {}),
    call({ "webhook-id": "x", "webhook-timestamp": "1" }, {}),
    signed(other.secret, { n: 1 }),
    hubSigned(other.secret, { n: 1 }),
    { ...good, rawBody: Buffer.from('{"n":2}') },
    { ...good, headers: { ...good.headers, "webhook-id": "msg_other" } },
    { ...good, headers: { ...good.headers, "webhook-timestamp": String(Math.floor(Date.now() / 1_000) + 1) } },
    { ...good, headers: { ...good.headers, "webhook-timestamp": "NaN" } },
    { ...good, headers: { ...good.headers, "webhook-signature": "" } },
    call({ "x-hub-signature-256": "sha256=" }, {}),
  ];
  for (const [index, refused] of table.entries()) {
    await assert.rejects(hooks.receive(token, refused), { code: "SIGNATURE_INVALID" }, `case ${index}`);
  }
});

test("a timestamp outside the replay window is refused, before and after, though its signature is good", async () => {
  const { token, secret } = await create({ replay_window_seconds: 60 });
  for (const ageSeconds of [65, 3_600, -65]) {
    await assert.rejects(hooks.receive(token, signed(secret, {}, { ageSeconds })), { code: "TIMESTAMP_REFUSED" });
  }
  for (const ageSeconds of [50, -50]) await hooks.receive(token, signed(secret, {}, { ageSeconds }));
  const byDefault = await create();
  assert.equal(byDefault.hook.replayWindowSeconds, 300);
  await hooks.receive(byDefault.token, signed(byDefault.secret, {}, { ageSeconds: 290 }));
  await assert.rejects(hooks.receive(byDefault.token, signed(byDefault.secret, {}, { ageSeconds: 310 })), {
    code: "TIMESTAMP_REFUSED",
  });
});

test("an unsigned hook is made so explicitly, has no secret, and takes any call", async () => {
  const { token, secret, hook } = await create({ is_unsigned: true });
  assert.equal(secret, null);
  assert.equal(hook.unsigned, true);
  const { triggerData } = await hooks.receive(token, call({ "content-type": "text/plain" }, Buffer.from("plain é")));
  assert.equal(triggerData.body, "plain é");
  assert.equal((await hooks.receive(token, call({}, Buffer.alloc(0)))).triggerData.body, null);
});

test("a body that is not what its Content-Type says is refused", async () => {
  const { token } = await create({ is_unsigned: true });
  const table: [string, Buffer][] = [
    ["application/json", Buffer.from("{")],
    ["application/vnd.x+json; charset=utf-8", Buffer.from("nope")],
    ["text/plain", Buffer.from([0xff, 0xfe])],
  ];
  for (const [type, body] of table) {
    await assert.rejects(hooks.receive(token, call({ "content-type": type }, body)), {
      code: "VALIDATION_FAILED",
      field: "body",
    });
  }
  await assert.rejects(hooks.receive(token, call({ "idempotency-key": "k".repeat(201) }, {})), {
    code: "VALIDATION_FAILED",
  });
});

test("after a rotation both pairs are good for the grace time, and then the new one alone", async () => {
  const old = await create();
  const fresh = await hooks.rotate(TENANT, old.hook.id, {});
  assert.notEqual(fresh.token, old.token);
  assert.notEqual(fresh.secret, old.secret);
  await hooks.receive(fresh.token, signed(fresh.secret, {}));
  await hooks.receive(old.token, signed(old.secret, {}));

  const now = await hooks.rotate(TENANT, old.hook.id, { grace_seconds: 0 });
  await hooks.receive(now.token, signed(now.secret, {}));
  await assert.rejects(hooks.receive(fresh.token, signed(now.secret, {})), { code: "HOOK_NOT_FOUND" });
  await assert.rejects(hooks.receive(now.token, signed(fresh.secret, {})), { code: "SIGNATURE_INVALID" });
  await assert.rejects(hooks.receive(old.token, signed(now.secret, {})), { code: "HOOK_NOT_FOUND" });
});

test("a hook that is unknown, disabled or removed is not found", async () => {
  const { hook, token, secret } = await create();
  await assert.rejects(hooks.receive("whk_none", call({}, {})), { code: "HOOK_NOT_FOUND" });
  await hooks.update(TENANT, hook.id, { is_enabled: false });
  await assert.rejects(hooks.receive(token, signed(secret, {})), { code: "HOOK_NOT_FOUND" });
  await hooks.update(TENANT, hook.id, { is_enabled: true, name: "again" });
  await hooks.receive(token, signed(secret, {}));
  assert.equal((await hooks.remove(TENANT, hook.id)).name, "again");
  await assert.rejects(hooks.receive(token, signed(secret, {})), { code: "HOOK_NOT_FOUND" });
});

test("hooks are a tenant's own, and show neither token nor secret", async () => {
  const made = await create();
  const { id } = made.hook;
  await assert.rejects(hooks.create(OTHER, { workflow_id: workflowId, name: "h" }), { code: "WORKFLOW_NOT_FOUND" });
  for (const touch of [
    () => hooks.get(OTHER, id),
    () => hooks.update(OTHER, id, {}),
    () => hooks.rotate(OTHER, id, {}),
    () => hooks.remove(OTHER, id),
  ]) {
    await assert.rejects(touch, { code: "HOOK_NOT_FOUND" });
  }
  assert.equal(await hooks.count(OTHER, {}), 0);
  const [latest] = (await hooks.list(TENANT, { workflowId }, firstOf(1))).items;
  assert.equal(latest?.id, id);
  const [next] = (await hooks.list(TENANT, {}, firstOf(1, id))).items;
  assert.ok(next && next.id < id);
  const shown = JSON.stringify(await hooks.list(TENANT, {}, firstOf(100)));
  assert.ok(!shown.includes(made.token) && !shown.includes(made.secret!));
  const { rows } = await t.pool.query("SELECT row_to_json(hook)::text AS text FROM hook WHERE id = $1", [id]);
  assert.ok(!rows[0].text.includes(made.token));
});

test("wrong input names its path", async () => {
  const table: [JsonObject, string][] = [
    [{ name: "" }, "name"],
    [{ replay_window_seconds: 0 }, "replay_window_seconds"],
    [{ replay_window_seconds: 86_401 }, "replay_window_seconds"],
    [{ workflow_id: "1" }, "workflow_id"],
  ];
  for (const [input, field] of table) await assert.rejects(create(input), { code: "VALIDATION_FAILED", field });
});

test("a large body is parsed in a thread, and its signature holds for what was sent", async () => {
  const { token, secret } = await create();
  const body = { list: Array.from({ length: 40_000 }, (_, i) => `item ${i}`) };
  const parse = mock.method(JSON, "parse");
  const { triggerData } = await hooks.receive(token, signed(secret, body));
  const texts = parse.mock.calls.map(({ arguments: [text] }) => text);
  parse.mock.restore();
  assert.deepEqual(triggerData.body, body);
  assert.ok(!texts.includes(JSON.stringify(body)));
});
