import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { tenantNamed } from "../engine/model/tenant.ts";
import { TENANT } from "./support/engine.ts";
import { type TestParticipant, testParticipant } from "./support/participant.ts";
import { type SagaApi, sagaApi } from "./support/saga-api.ts";

const OTHER = tenantNamed("other");

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const log = { name: "note", type: "log", config: { message: "hello" } };

describe("the documented API on 8008", { timeout: 120_000 }, () => {
  let shop: TestParticipant;
  let api: SagaApi;
  before(async () => {
    shop = await testParticipant(({ body }) =>
      body.command === "hold" ? "hang" : { status: body.command === "refuse" ? 422 : 200, body: { receipt: 7 } },
    );
    api = await sagaApi({ shop: shop.url });
    await register("order", ["charge", "ship"]);
    await register("refused", ["charge", "refuse"]);
    await register("slow", ["charge", "hold"]);
  });
  after(async () => {
    await api.close();
    await shop.close();
  });

  async function register(name: string, commands: readonly string[], rest: object = {}) {
    const steps = commands.map((command) => ({
      name: command,
      service: "shop",
      command,
      compensation_command: `undo_${command}`,
      retry_attempts: 0,
      timeout_seconds: 20,
    }));
    const answer = await api.rest("POST", "/api/v1/sagas/types", {
      name,
      description: `${name} a thing`,
      steps,
      ...rest,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  async function start(saga_type: string, input_data: object = {}, rest: object = {}): Promise<string> {
    const { status, body } = await api.rest("POST", "/api/v1/sagas/start", { saga_type, input_data, ...rest });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body, {
      saga_id: body.saga_id,
      status: "started",
      message: `SAGA ${saga_type} started successfully`,
    });
    assert.match(body.saga_id, uuid);
    return body.saga_id;
  }

  test("POST /sagas/start adopts the execution of the documented example", async () => {
    const execution = await api.t.start([log]);
    await api.t.finished(execution.id);
    const correlation_id = `workflow-${execution.workflowId}-execution-${execution.id}`;
    const input_data = {
      workflow_id: execution.workflowId,
      execution_id: execution.id,
      workflow_config: { steps: [log] },
      timeout_seconds: 600,
    };
    const id = await start("workflow_execution", input_data, { correlation_id, tenant_id: "automation-services" });
    assert.equal(id, execution.uid);
    const { body } = await api.rest("GET", `/api/v1/sagas/${id}`);
    assert.equal(body.type, "workflow_execution");
    assert.equal(body.status, "completed");
    assert.equal(body.correlation_id, correlation_id);
    assert.deepEqual(body.output_data, { note: { message: "hello", level: "info" } });
    const found = await api.rest("GET", `/api/v1/sagas/?correlation_id=${correlation_id}&saga_type=workflow_execution`);
    assert.deepEqual([found.body.total, found.body.sagas[0].id], [1, id]);
  });

  test("GET /sagas/{id} shows the whole saga in both spellings", async () => {
    const id = await start("order", { order: 5 }, { correlation_id: "order-5" });
    await api.finished(id);
    const { status, body } = await api.rest("GET", `/api/v1/sagas/${id}/`);
    assert.equal(status, 200);
    const { steps, started_at, completed_at, ...rest } = body;
    assert.deepEqual(rest, {
      id,
      saga_id: id,
      type: "order",
      saga_type: "order",
      status: "completed",
      compensation_status: "none",
      current_step: 2,
      input_data: { order: 5 },
      output_data: { receipt: 7 },
      error_message: null,
      correlation_id: "order-5",
      tenant_id: "test",
    });
    assert.ok(Date.parse(completed_at) >= Date.parse(started_at) && completed_at.endsWith("Z"));
    const { started_at: _, completed_at: __, ...first } = steps[0];
    assert.deepEqual(first, {
      id: "charge",
      name: "charge",
      service: "shop",
      command: "charge",
      compensation_command: "undo_charge",
      timeout_seconds: 20,
      retry_attempts: 0,
      status: "completed",
      error_message: null,
      result: { receipt: 7 },
    });
    assert.deepEqual((await api.rest("GET", `/sagas/${id}/steps`)).body, steps);
  });

  test("GET /sagas lists newest first, by status, type and correlation id, with the true total", async () => {
    const undone = await start("refused", {}, { correlation_id: "order-6" });
    await api.finished(undone);
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.unshift(await start("order"));
    for (const id of ids) await api.finished(id);
    const page = await api.rest("GET", "/api/v1/sagas/?saga_type=order&limit=2&offset=0");
    assert.deepEqual(
      page.body.sagas.map(({ id }: { id: string }) => id),
      ids.slice(0, 2),
    );
    assert.equal(page.body.total, 4);
    const compensated = await api.rest("GET", "/sagas?status=compensated");
    assert.deepEqual([compensated.body.total, compensated.body.sagas[0].id], [1, undone]);
    assert.equal((await api.rest("GET", "/sagas?correlation_id=order-6")).body.total, 1);
    assert.equal((await api.rest("GET", "/sagas?saga_type=unknown")).body.total, 0);
    for (const query of ["status=broken", "limit=0", "limit=1001", "offset=-1"]) {
      assert.equal((await api.rest("GET", `/sagas?${query}`)).status, 400, query);
    }
  });

  test("POST /sagas/{id}/cancel stops what runs, once", async () => {
    const id = await start("slow");
    while (!shop.received.some(({ body }) => body.saga_id === id && body.command === "hold")) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const cancelled = await api.rest("POST", `/api/v1/sagas/${id}/cancel`);
    assert.deepEqual(
      [cancelled.status, cancelled.body],
      [200, { status: "cancelled", message: "SAGA cancellation initiated" }],
    );
    const saga = await api.finished(id);
    assert.equal(saga.status, "cancelled");
    assert.ok(shop.received.some(({ body }) => body.saga_id === id && body.command === "undo_charge"));
    const again = await api.rest("POST", `/api/v1/sagas/${id}/cancel`, {});
    assert.deepEqual([again.status, again.body.error_code], [400, "INVALID_STATE"]);
  });

  test("an unknown saga, of whatever form, is a 404, and so is one of another tenant", async () => {
    const id = await start("order");
    const foreign = { authorization: `Bearer ${await api.keyFor(OTHER, "read", "execute")}` };
    for (const [path, headers] of [
      // The number of one that is there, with other random digits.
      [`/api/v1/sagas/${id.replace(/.{12}$/, "0123456789ab")}`, {}],
      ["/api/v1/sagas/00000000-0000-4000-8000-000000000000", {}],
      ["/api/v1/sagas/17", {}],
      [`/api/v1/sagas/${id}`, foreign],
      [`/api/v1/sagas/${id}/steps`, foreign],
    ] as const) {
      const { status, body } = await api.rest("GET", path, undefined, headers);
      assert.deepEqual(
        [status, body.detail, body.error_code, body.path],
        [404, "SAGA not found", "SAGA_NOT_FOUND", path],
      );
    }
    assert.equal((await api.rest("POST", `/sagas/${id}/cancel`, {}, foreign)).status, 404);
    assert.equal((await api.rest("GET", "/sagas", undefined, foreign)).body.total, 0);
    await api.finished(id);
  });

  test("types, events and replays are on record with their target, what was before, and what came of it", async () => {
    await register("noted", ["charge"]);
    await register("noted", ["charge", "ship"]);
    const event = { event_type: "parcel.sent", aggregate_id: "p-1", aggregate_type: "parcel", data: {} };
    assert.equal((await api.rest("POST", "/api/v1/events/publish", event)).status, 200);
    assert.equal((await api.rest("POST", "/api/v1/events/replay/parcel-p-1", {})).status, 200);
    const { rows } = await api.t.pool.query(
      `SELECT action, target, before, after FROM audit_entry
       WHERE target IN ('saga_type:noted', 'stream:parcel-p-1') ORDER BY id`,
    );
    assert.deepEqual(
      rows.map(({ action, before }) => [action, before]),
      [
        ["saga_type.register", null],
        ["saga_type.register", { name: "noted", version: 1 }],
        ["event.publish", null],
        ["stream.replay", null],
      ],
    );
    assert.deepEqual(rows[1].after, { name: "noted", version: 2 });
    assert.equal(rows[2].after.version, 1);
    assert.equal(rows[3].after.replayed, 1);
  });

  test("GET /sagas/types/available names the fields of each input", async () => {
    const input_schema = {
      type: "object",
      required: ["order"],
      properties: { order: { type: "integer" }, note: { type: "string" } },
    };
    await register("described", ["charge"], { input_schema });
    const { body } = await api.rest("GET", "/api/v1/sagas/types/available");
    const byName = Object.fromEntries(body.saga_types.map((type: { name: string }) => [type.name, type]));
    assert.deepEqual(byName.described, {
      name: "described",
      description: "described a thing",
      required_fields: ["order"],
      optional_fields: ["note"],
    });
    assert.deepEqual(byName.workflow_execution.required_fields, ["workflow_id"]);
    const shown = await api.rest("GET", "/api/v1/sagas/types/described");
    assert.deepEqual([shown.status, shown.body.name, shown.body.input_schema], [200, "described", input_schema]);
    const missing = await api.rest("GET", "/sagas/types/nothing");
    assert.deepEqual([missing.status, missing.body.error_code], [404, "SAGA_TYPE_NOT_FOUND"]);
    const broken = await api.rest("POST", "/sagas/start", { saga_type: "described", input_data: { order: "x" } });
    assert.equal(broken.status, 400);
    assert.match(broken.body.detail, /input_data\.order/);
    const unknown = await api.rest("POST", "/sagas/start", { saga_type: "nothing", input_data: {} });
    assert.deepEqual([unknown.status, unknown.body.error_code], [400, "SAGA_TYPE_NOT_FOUND"]);
    assert.equal((await api.rest("POST", "/sagas/start", { input_data: {} })).status, 400);
    assert.equal((await api.rest("POST", "/sagas/start", "{")).body.error_code, "VALIDATION_FAILED");
    const foreign = { saga_type: "order", input_data: {}, tenant_id: "somebody" };
    assert.match((await api.rest("POST", "/sagas/start", foreign)).body.detail, /^tenant_id/);
  });

  test("an idempotency key makes a repeated start the same saga", async () => {
    const send = (input_data: object) =>
      api.rest("POST", "/sagas/start", { saga_type: "order", input_data }, { "idempotency-key": "once" });
    const first = await send({ order: 1 });
    assert.deepEqual((await send({ order: 1 })).body, first.body);
    const other = await send({ order: 2 });
    assert.deepEqual([other.status, other.body.error_code], [409, "IDEMPOTENCY_CONFLICT"]);
    await api.finished(first.body.saga_id);
  });

  test("events are published, read by stream and by position, and replayed", async () => {
    const publish = (body: object) =>
      api.rest("POST", "/api/v1/events/publish", {
        aggregate_type: "parcel",
        aggregate_id: "9",
        data: { n: 1 },
        ...body,
      });
    const sent = await publish({ event_type: "parcel.sent", correlation_id: "c" });
    assert.equal(sent.body.status, "published");
    assert.match(sent.body.event_id, uuid);
    await publish({ event_type: "parcel.lost", causation_id: sent.body.event_id, expected_version: 1 });
    const stale = await publish({ event_type: "parcel.found", expected_version: 1 });
    assert.deepEqual([stale.status, stale.body.error_code], [409, "VERSION_CONFLICT"]);
    const stream = await api.rest("GET", "/events/stream/parcel-9");
    assert.equal(stream.body.total, 2);
    const { timestamp, position, ...first } = stream.body.events[0];
    assert.ok(timestamp.endsWith("Z") && position > 0);
    assert.deepEqual(first, {
      id: sent.body.event_id,
      type: "parcel.sent",
      aggregate_id: "9",
      aggregate_type: "parcel",
      version: 1,
      stream_id: "parcel-9",
      data: { n: 1 },
      metadata: {},
      correlation_id: "c",
      causation_id: null,
    });
    const tail = await api.rest("GET", "/api/v1/events/stream/9/?from_version=2&to_version=2");
    assert.deepEqual(
      tail.body.events.map((event: { type: string }) => event.type),
      ["parcel.lost"],
    );
    const all = await api.rest("GET", `/events/all?from_position=${position - 1}&max_count=1`);
    assert.equal(all.body.events[0].id, sent.body.event_id);
    assert.ok(all.body.total >= 2);
    for (const max of [0, 1001]) assert.equal((await api.rest("GET", `/events/all?max_count=${max}`)).status, 400);
    const types = (await api.rest("GET", "/events/types")).body.event_types;
    assert.ok(types.includes("parcel.sent") && types.includes("saga.started") && types.includes("file.uploaded"));
    const replayed = await api.rest("POST", "/events/replay/parcel-9?from_version=2");
    assert.deepEqual([replayed.body.status, replayed.body.replayed], ["replayed", 1]);
    assert.equal((await publish({ event_type: "" })).status, 400);
    assert.equal((await publish({ event_type: "nul\0" })).status, 400);
    assert.equal((await api.rest("GET", "/events/stream/%00")).status, 400);
    assert.equal((await api.rest("GET", "/sagas?correlation_id=%00")).status, 400);
    const foreign = { authorization: `Bearer ${await api.keyFor(OTHER, "read")}` };
    assert.equal((await api.rest("GET", "/events/all", undefined, foreign)).body.total, 0);
    assert.equal((await api.rest("GET", "/events/stream/parcel-9", undefined, foreign)).body.total, 0);
  });

  test("asks for a key but where it says what it is and whether it lives", async () => {
    const none = { authorization: "" };
    for (const path of ["/", "/health", "/ready", "/live"]) {
      assert.equal((await api.rest("GET", path, undefined, { "x-api-key": "" })).status, 200, path);
    }
    assert.equal((await api.rest("GET", "/")).body.service, "saga-orchestrator");
    assert.equal((await api.rest("GET", "/health")).body.service, "saga-orchestrator");
    const refused = await api.rest("GET", "/sagas", undefined, none);
    assert.deepEqual([refused.status, refused.body.error_code], [401, "UNAUTHENTICATED"]);
    const reader = { authorization: `Bearer ${await api.keyFor(TENANT, "read")}` };
    for (const path of ["/sagas/start", "/events/publish", "/sagas/types"]) {
      assert.equal((await api.rest("POST", path, {}, reader)).status, 403, path);
    }
    const unknown = await api.rest("GET", "/api/v1/nothing");
    assert.deepEqual([unknown.status, unknown.body.error_code], [404, "NOT_FOUND"]);
  });
});
