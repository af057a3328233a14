import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../engine/index.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { createConsumer } from "../saga/events/consumer.ts";
import { TENANT } from "./support/engine.ts";
import { type TestSagas, testSagas } from "./support/sagas.ts";

const boom = { name: "boom", type: "log", config: { message: "{{$error('boom')}}" } };

describe("what events start", { timeout: 120_000 }, () => {
  let s: TestSagas;
  before(async () => {
    s = await testSagas();
  });
  after(() => s.close());
  beforeEach(() => s.t.pool.query("UPDATE workflow SET is_enabled = false"));

  let number = 0;
  async function workflow(steps: readonly object[], event_type?: string): Promise<number> {
    const created = await s.t.engine.workflows.create(TENANT, {
      name: `chain ${++number}`,
      max_retries: 0,
      workflow_config: { steps } as unknown as JsonObject,
      ...(event_type && { trigger_config: { type: "event", event_type } }),
    });
    return created.id;
  }
  const start = (workflowId: number) => s.t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {} });
  const position = async () => (await s.sagas.events.all(TENANT, 0, 1)).total;
  /** Events are carried on in their order: when this one has started what it starts, all before it have. */
  async function carriedOn(): Promise<void> {
    const type = `sentinel ${++number}`;
    const workflowId = await workflow([{ name: "rest", type: "log", config: { message: "here" } }], type);
    const from = await position();
    const event = { tenantId: TENANT, type, aggregateType: "test", aggregateId: "1", data: {}, correlationId: null };
    await s.sagas.events.append(event);
    for await (const { metadata } of await s.sagas.events.follow(TENANT, from, ["workflow.completed"])) {
      if (metadata.workflow_id === workflowId) return;
    }
  }
  async function executionsOf(workflowIds: readonly number[]): Promise<number[]> {
    const { rows } = await s.t.pool.query<{ found: number }>(
      `SELECT (SELECT count(*)::int FROM execution AS e WHERE e.workflow_id = w.id) AS found
       FROM unnest($1::int[]) WITH ORDINALITY AS w (id, n) ORDER BY n`,
      [workflowIds],
    );
    return rows.map(({ found }) => found);
  }

  test("one failure starts each handler of failures once, though they fail, and so do their children", async () => {
    const child = await workflow([boom]);
    const handlers = [
      await workflow([boom], "workflow.failed"),
      await workflow([{ name: "sub", type: "workflow", config: { workflow_id: child } }], "workflow.failed"),
      await workflow([boom], "workflow.failed"),
    ];
    const from = await position();
    await start(await workflow([boom]));
    await s.heard(5, ["workflow.failed"], from);
    await carriedOn();
    assert.deepEqual(await executionsOf([...handlers, child]), [1, 1, 1, 1]);
  });

  test("a handler that undoes what it did starts nothing by that", async () => {
    const onUndone = await workflow([boom], "saga.compensated");
    const undone = {
      name: "note",
      type: "log",
      config: { message: "x" },
      compensate: { type: "log", config: { message: "y" } },
    };
    const handler = await workflow([undone, boom], "workflow.failed");
    const from = await position();
    await start(await workflow([boom]));
    await s.heard(1, ["saga.compensated"], from);
    await carriedOn();
    assert.deepEqual(await executionsOf([handler, onUndone]), [1, 0]);
  });

  test("what a handler completes starts what follows, whose failure starts nothing", async () => {
    await workflow([{ name: "mail", type: "log", config: { message: "sent" } }], "workflow.failed");
    const next = await workflow([boom], "workflow.completed");
    const from = await position();
    const root = await start(await workflow([boom]));
    await s.heard(2, ["workflow.failed"], from);
    await carriedOn();
    const { rows } = await s.t.pool.query(
      "SELECT depth, after_failure, root_id FROM execution WHERE workflow_id = $1",
      [next],
    );
    assert.deepEqual(rows, [{ depth: 2, after_failure: true, root_id: root.id }]);
  });

  test("a file that a workflow makes is told of as its work, and does not start that workflow again", async () => {
    const convert = {
      name: "convert",
      type: "file_process",
      config: { file_id: "{{trigger.data.file_id}}", action: "convert", target: "json" },
    };
    const workflowId = await workflow([convert], "file.uploaded");
    const from = await position();
    await s.t.engine.files.upload(Readable.from(["a,b\n1,2\n"]), { tenantId: TENANT, filename: "table.csv" });
    const [, made] = await s.heard(2, ["file.uploaded"], from);
    assert.equal(made?.metadata.workflow_id, workflowId);
    assert.equal(made?.metadata.depth, 1);
    await carriedOn();
    assert.deepEqual(await executionsOf([workflowId]), [1]);
  });

  test("what events start is paid by their tenant: one that has spent its minute waits, and no other does", async () => {
    const other = tenantNamed("other");
    const type = "meter.read";
    const steps = [{ name: "note", type: "log", config: { message: "x" } }];
    const own = await workflow(steps, type);
    const theirs = await s.t.engine.workflows.create(other, {
      name: "theirs",
      workflow_config: { steps } as unknown as JsonObject,
      trigger_config: { type: "event", event_type: type },
    });
    // What the tests before have left of the minute.
    const { rateLimiter } = s.t.engine;
    const { tightest } = await rateLimiter.consume(`tenant:${TENANT}`, new Map([["descendants", 1]]));
    await rateLimiter.consume(`tenant:${TENANT}`, new Map([["descendants", tightest.remaining]]));
    const event = { type, aggregateType: "test", aggregateId: "1", data: {}, correlationId: null };
    await s.sagas.events.append({ ...event, tenantId: TENANT });
    await s.sagas.events.append({ ...event, tenantId: other });
    for await (const found of await s.sagas.events.follow(other, 0, ["workflow.completed"])) {
      assert.equal(found.metadata.workflow_id, theirs.id);
      break;
    }
    assert.deepEqual(await executionsOf([own, theirs.id]), [0, 1]);
  });
});

test("a tenant whose events rest is left alone for so long, and goes on from there", { timeout: 60_000 }, async () => {
  const s = await testSagas();
  try {
    const event = { type: "t", aggregateType: "test", aggregateId: "1", data: {}, correlationId: null };
    await s.sagas.events.append({ ...event, tenantId: TENANT });
    const asked: number[] = [];
    const look = createConsumer(s.t.engine.database, "resting", async (_client, _tenantId, position) => {
      asked.push(position);
      return asked.length === 1 ? { position, restMs: 20 } : { position: position + 1 };
    });
    const rested = await look();
    assert.ok(typeof rested === "object" && rested.hintInMs > 0 && rested.hintInMs <= 20);
    // As the hint would come.
    await sleep(rested.hintInMs + 1);
    assert.deepEqual([await look(), asked], ["more", [0, 0]]);
    assert.equal(await look(), "done");
  } finally {
    await s.close();
  }
});
