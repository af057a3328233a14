import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError, type JsonObject } from "../engine/index.ts";
import { createSagas } from "../saga/index.ts";
import { TENANT } from "./support/engine.ts";
import { type TestSagas, testSagas } from "./support/sagas.ts";

const PUBLISHERS = 20;
const EACH = 10;
const log = { name: "note", type: "log", config: { message: "{{trigger.data.n}}" } };

describe("domain events", { timeout: 120_000 }, () => {
  let s: TestSagas;
  before(async () => {
    s = await testSagas();
  });
  after(() => s.close());

  const publish = (
    type: string,
    rest: { id?: string; data?: JsonObject; correlationId?: string; expectedVersion?: number } = {},
  ) =>
    s.sagas.events.append({
      tenantId: TENANT,
      type,
      aggregateType: "order",
      aggregateId: rest.id ?? "1",
      data: rest.data ?? {},
      correlationId: rest.correlationId ?? null,
      expectedVersion: rest.expectedVersion ?? null,
    });

  test("have positions without a gap that become visible in their order, however many publish at once", async () => {
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    const seen: number[] = [];
    const reading = (async () => {
      for await (const event of await s.sagas.events.follow(TENANT, from, null)) {
        seen.push(event.position);
        if (seen.length === PUBLISHERS * EACH) break;
      }
    })();
    await Promise.all(
      Array.from({ length: PUBLISHERS }, async (_, publisher) => {
        for (let n = 0; n < EACH; n++) await publish("order.changed", { id: `p${publisher % 5}` });
      }),
    );
    await reading;
    assert.deepEqual(
      seen,
      seen.map((_, i) => from + 1 + i),
    );
    const { events, total } = await s.sagas.events.stream(TENANT, "order-p0", 0, null);
    assert.equal(total, (PUBLISHERS / 5) * EACH);
    assert.deepEqual(
      events.map((event) => event.version),
      events.map((_, i) => i + 1),
    );
  });

  test("are followed by type, without the others that come between them", async () => {
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    const heard = s.heard(PUBLISHERS * EACH, ["rare.seen", "rare.heard"], from);
    const rare: number[] = [];
    await Promise.all(
      Array.from({ length: PUBLISHERS }, async () => {
        for (let n = 0; n < EACH; n++) {
          for (let common = 0; common < 3; common++) await publish("order.changed");
          rare.push((await publish(n % 2 ? "rare.seen" : "rare.heard")).position);
        }
      }),
    );
    assert.deepEqual(
      (await heard).map(({ position }) => position),
      rare.sort((a, b) => a - b),
    );
  });

  test("are refused when their stream is not at the expected version", async () => {
    await publish("order.made", { id: "v", expectedVersion: 0 });
    await publish("order.paid", { id: "v", expectedVersion: 1 });
    await assert.rejects(publish("order.paid", { id: "v", expectedVersion: 1 }), (error: unknown) => {
      assert.ok(error instanceof DomainError && error.code === "VERSION_CONFLICT");
      return true;
    });
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => publish("order.sent", { id: "v", expectedVersion: 2 })),
    );
    assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 1);
    assert.equal((await s.sagas.events.stream(TENANT, "v", 2, null)).total, 2);
  });

  test("tell once what an execution does, also when the follower starts anew", async () => {
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { uid } = await s.t.start([log, { ...log, name: "again" }], { trigger: { data: { n } } });
      ids.push(uid);
    }
    const told = await s.heard(20, ["workflow.started", "workflow.step_completed", "workflow.completed"], from);
    for (const id of ids) {
      const own = told.filter((event) => event.aggregateId === id);
      assert.deepEqual(
        own.map(({ type, version, data }) => [type, version, data.step_name ?? null]),
        [
          ["workflow.started", 1, null],
          ["workflow.step_completed", 2, "note"],
          ["workflow.step_completed", 3, "again"],
          ["workflow.completed", 4, null],
        ],
      );
    }
    assert.deepEqual((await s.t.pool.query("SELECT * FROM journal_note")).rows, []);
  });

  test("are made of what Postgres itself cannot take apart", async () => {
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    const [nul, half] = ["\0", "\ud83d"];
    const publishing = { publish: { type: "odd.one", data: { nul, half } } };
    const { id, uid } = await s.t.start([log, { name: "wait", type: "wait_for_event", config: { event: "odd" } }], {
      trigger: { data: { n: `${nul}${half}` } },
    });
    await s.t.reached(id, "step.waiting");
    await s.t.engine.executions.sendEvent(TENANT, id, {
      name: "odd",
      correlation: null,
      data: publishing,
    });
    const told = await s.heard(3, ["workflow.step_completed", "workflow.completed"], from);
    assert.deepEqual(
      told.map(({ aggregateId, data }) => [aggregateId, data.step_name ?? null]),
      [
        [uid, "note"],
        [uid, "wait"],
        [uid, null],
      ],
    );
  });

  test("tell of files that are uploaded and processed", async () => {
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    const { files } = s.t.engine;
    const { id } = await files.upload(Readable.from(["one two three"]), { tenantId: TENANT, filename: "note.txt" });
    await files.process(TENANT, id);
    const told = await s.heard(3, ["file.uploaded", "file.processed", "file.content_extracted"], from);
    assert.deepEqual(
      told.map(({ type, aggregateId, data }) => [type, aggregateId, data.filename, data.content_length ?? null]),
      [
        ["file.uploaded", String(id), "note.txt", null],
        ["file.processed", String(id), "note.txt", null],
        ["file.content_extracted", String(id), "note.txt", 13],
      ],
    );
  });

  test("answer a step that waits for an approval only when they decide", async () => {
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    const { id } = await s.t.start([
      { name: "sign", type: "wait_for_event", config: { event: "letter.read", approval: true } },
    ]);
    await s.t.reached(id, "step.waiting");
    await publish("letter.read", { data: { by: "nobody" } });
    await publish("letter.read", { data: { approved: true, by: "ada" } });
    const { byName } = await s.t.finished(id);
    assert.deepEqual(byName.sign!.output, { approved: true, by: "ada" });
    // The tests after this one count what they hear.
    await s.heard(1, ["workflow.completed"], from);
  });

  test("start the workflows and sagas that they trigger, each once an event", async () => {
    const { id: workflowId } = await s.t.engine.workflows.create(TENANT, {
      name: "on paid",
      workflow_config: { steps: [log] },
      trigger_config: { type: "event", event_type: "bill.paid", match: { "by.card": true } },
    });
    await s.sagas.types.register(TENANT, {
      name: "on_paid",
      steps: [{ name: "note", type: "log", config: { message: "{{trigger.n}}" } }],
      trigger: { event: "bill.paid" },
    });
    const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
    for (const card of [true, false]) await publish("bill.paid", { data: { n: 1, by: { card } } });
    const ended = await s.heard(3, ["workflow.completed", "saga.completed"], from);
    assert.deepEqual(ended.map(({ type }) => type).sort(), ["saga.completed", "saga.completed", "workflow.completed"]);
    // Everything that was dispatched is dispatched again: nothing starts a second time.
    await s.t.pool.query("UPDATE domain_event_cursor SET position = 0");
    await publish("bill.paid", { data: { n: 2, by: { card: true } } });
    await s.heard(5, ["workflow.completed", "saga.completed"], from);
    const { rows } = await s.t.pool.query(
      "SELECT workflow_id = $1 AS own, count(*)::int AS n FROM execution WHERE trigger_type = 'event' GROUP BY 1 ORDER BY 1",
      [workflowId],
    );
    assert.deepEqual(rows, [
      { own: false, n: 3 },
      { own: true, n: 2 },
    ]);
  });

  test("are made, and start what they trigger, once, however many processes follow the same store", async () => {
    const others = await Promise.all([1, 2, 3].map(() => createSagas({ engine: s.t.engine, log: () => {} })));
    try {
      await s.sagas.types.register(TENANT, {
        name: "on_call",
        steps: [{ name: "note", type: "log", config: { message: "{{trigger.n}}" } }],
        trigger: { event: "phone.rang" },
      });
      const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
      for (let n = 0; n < 20; n++) await publish("phone.rang", { data: { n } });
      const told = await s.heard(60, ["saga.started", "saga.step_completed", "saga.completed"], from);
      assert.equal(new Set(told.map(({ aggregateId }) => aggregateId)).size, 20);
      assert.equal(new Set(told.map(({ metadata }) => `${metadata.execution_id} ${metadata.seq}`)).size, 60);
    } finally {
      for (const other of others) await other.stop();
    }
  });

  test("do not start workflows in a circle for ever", async () => {
    for (const name of ["ping", "pong"]) {
      await s.t.engine.workflows.create(TENANT, {
        name,
        workflow_config: { steps: [{ name: "rest", type: "log", config: { message: name } }] },
        trigger_config: { type: "event", event_type: "workflow.completed" },
      });
    }
    const { id, workflowId } = await s.t.start([{ ...log, config: { message: "go" } }]);
    await s.t.finished(id);
    const deepest = async () => {
      const { rows } = await s.t.pool.query<{ depth: number | null }>(
        "SELECT max(split_part(idempotency_key, ':', 2)::int) AS depth FROM execution WHERE idempotency_key LIKE 'event:%' AND workflow_id > $1",
        [workflowId - 3],
      );
      return rows[0]!.depth;
    };
    while ((await deepest()) !== 32) await sleep(20);
    const before = (await s.sagas.events.all(TENANT, 0, 1)).total;
    await s.heard(1, ["workflow.completed"], before - 1);
    assert.equal(await deepest(), 32);
    await s.t.pool.query("UPDATE workflow SET is_enabled = false");
  });

  test("wake the steps that wait for them: by correlation, or by values of their data", async () => {
    const wait = (config: object) => ({
      name: "wait",
      type: "wait_for_event",
      config: { event: "parcel.sent", ...config },
    });
    const start = async (config: object) => {
      const { id } = await s.t.start([wait(config)]);
      await s.t.reached(id, "step.waiting");
      return id;
    };
    const byCorrelation = await start({ correlation: "c-1" });
    const byValue = await start({ match: { "parcel.weight": 3 } });
    const neither = await start({ correlation: "c-2", match: { "parcel.weight": 3 } });
    await publish("parcel.sent", { correlationId: "c-1", data: { parcel: { weight: 2 } } });
    assert.deepEqual((await s.t.finished(byCorrelation)).byName.wait!.output, { parcel: { weight: 2 } });
    await publish("parcel.sent", { correlationId: "c-3", data: { parcel: { weight: 3 } } });
    assert.deepEqual((await s.t.finished(byValue)).byName.wait!.output, { parcel: { weight: 3 } });
    assert.equal((await s.t.engine.executions.get(TENANT, neither)).status, "waiting");
    await publish("parcel.sent", { correlationId: "c-2", data: { parcel: { weight: 3 } } });
    await s.t.finished(neither);
    assert.deepEqual((await s.t.pool.query("SELECT * FROM execution_signal")).rows, []);
  });
});
