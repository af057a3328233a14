import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import type { JsonObject } from "../engine/model/json.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { assertFold } from "./support/fold.ts";

const EXECUTIONS = 10_000;
/** Starts under way at the same time. */
const STARTERS = 200;
/** What 10,000 of them may cost: under 1 KB each, pools and caches included. */
const MAX_HEAP_GROWTH_BYTES = 10 * 1_048_576;
const IDLE_MS = 1_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await sleep(10);
  }
  return process.memoryUsage().heapUsed;
}

describe("ten thousand executions that wait", { timeout: 120_000 }, () => {
  let t: TestEngine;
  const ids: number[] = [];
  let heapBefore: number;

  before(async () => {
    t = await testEngine({ concurrency: 100 });
    const wait = { name: "wait", type: "delay", config: { seconds: 3_600 } };
    const approve = { name: "approve", type: "wait_for_event", config: { approval: true } };
    const end = { name: "end", type: "log", config: { message: "{{trigger.n}}" } };
    const workflows = await Promise.all(
      [wait, approve].map((step, i) =>
        t.engine.workflows.create(TENANT, {
          name: `waiting ${i}`,
          workflow_config: { steps: [step, end] } as unknown as JsonObject,
          timeout_seconds: 7_200,
        }),
      ),
    );
    const start = async (n: number): Promise<void> => {
      const workflowId = workflows[n % 2]!.id;
      ids[n] = (await t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: { n } })).id;
    };
    for (let n = 0; n < 2; n++) await start(n);
    heapBefore = await heapUsed();
    let next = 2;
    await Promise.all(
      Array.from({ length: STARTERS }, async () => {
        while (next < EXECUTIONS) await start(next++);
      }),
    );
    // What was stored while there was no room is taken up by and by.
    const count = async (): Promise<number> => {
      const { rows } = await t.pool.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM execution WHERE status = 'waiting'",
      );
      return rows[0]!.n;
    };
    while ((await count()) < EXECUTIONS) await sleep(20);
  });
  after(() => t.close());

  test("are rows: none is in hand, and memory does not grow with them", async (context) => {
    while (t.engine.load().inHand > 0) await sleep(5);
    const growth = (await heapUsed()) - heapBefore;
    context.diagnostic(`${Math.round(growth / EXECUTIONS)} bytes each`);
    assert.ok(growth < MAX_HEAP_GROWTH_BYTES, `the heap grew by ${growth} bytes`);
  });

  test("are not polled: while they wait, not one query runs", async (context) => {
    const sent = context.mock.method(pg.Client.prototype, "query");
    await t.engine.executions.get(TENANT, ids[0]!);
    assert.ok(sent.mock.callCount() > 0, "a query of the engine is seen");
    sent.mock.resetCalls();
    await sleep(IDLE_MS);
    // The process says once a second that it is there, however many wait.
    const texts = sent.mock.calls.map(({ arguments: [query] }) => JSON.stringify(query));
    assert.deepEqual(
      texts.filter((text) => /execution|task|delivery|schedule/.test(text)),
      [],
    );
  });

  test("wake when their time comes, through a timer of the engine that starts next", async () => {
    const due = ids.filter((_, n) => n % 2 === 0).slice(100, 120);
    await t.engine.stop(5_000);
    const at = new Date(Date.now() + 1_500);
    await t.pool.query(
      `WITH steps AS (
         UPDATE execution_step SET wake_at = $2, wait = json_build_object('kind', 'timer', 'until', $3::text, 'output', NULL)
         WHERE execution_id = ANY($1::bigint[])
       ) UPDATE execution SET wake_at = $2 WHERE id = ANY($1::bigint[])`,
      [due, at, at.toISOString()],
    );
    await t.restart();
    await t.reached(due[0]!, "execution.woken");
    assert.ok(Date.now() >= at.getTime());
    // The rows were changed by hand here, so that the fold does not give them.
    for (const id of due) {
      for await (const _ of await t.engine.executions.events(TENANT, id, 0));
      assert.equal((await t.engine.executions.get(TENANT, id)).status, "completed");
    }
    assert.equal(t.engine.load().inHand, 0);
  });

  test("wake when they are approved, many at once", async () => {
    const approved = ids.filter((_, n) => n % 2 === 1).slice(0, 200);
    await Promise.all(
      approved.map((id) =>
        t.engine.executions.sendEvent(TENANT, id, {
          name: "approval",
          correlation: null,
          data: { approved: true },
        }),
      ),
    );
    for (const id of approved) assert.equal((await t.finished(id)).execution.status, "completed");
  });

  test("keep a record that its events give again", async () => {
    for (const id of ids.slice(5_000, 5_050)) await assertFold(t.pool, id);
  });
});
