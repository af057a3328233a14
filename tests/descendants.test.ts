import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../engine/model/json.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";

const LIMIT = 60;

let t: TestEngine;

/** A workflow whose only step starts so many of the workflow that is named. */
async function forking(name: string, children: number, of: string): Promise<number> {
  const items = Array.from({ length: children }, (_, i) => i);
  const step = { name: "fork", type: "workflow", config: { workflow_name: of }, for_each: { items, concurrency: 10 } };
  return (
    await t.engine.workflows.create(TENANT, { name, workflow_config: { steps: [step] } as unknown as JsonObject })
  ).id;
}

async function plain(name: string): Promise<number> {
  const steps = [{ name: "a", type: "log", config: { message: "x" } }];
  return (await t.engine.workflows.create(TENANT, { name, workflow_config: { steps } as unknown as JsonObject })).id;
}

const start = (workflowId: number, causedBy: number | null = null) =>
  t.engine.executions.start({
    tenantId: TENANT,
    workflowId,
    triggerData: {},
    cause: causedBy === null ? null : { executionId: causedBy, depth: 1, afterFailure: false },
  });

async function tree(rootId: number) {
  const { rows } = await t.pool.query<{ found: number; counted: number; open: number }>(
    `SELECT count(*)::int AS found, count(*) FILTER (WHERE completed_at IS NULL)::int AS open,
            (SELECT sum(descendants)::int FROM execution_tree WHERE root_id = $1) AS counted
     FROM execution WHERE root_id = $1`,
    [rootId],
  );
  return rows[0]!;
}

describe("what a start leads to", { timeout: 120_000 }, () => {
  before(async () => {
    t = await testEngine({ descendantLimit: LIMIT });
  });
  after(() => t.close());

  test("a workflow that starts ten of itself ends at the limit, by name, and its count is exact", async () => {
    const bomb = await forking("bomb", 10, "bomb");
    const { id } = await start(bomb);
    const lone = await t.finished((await start(await plain("beside"))).id);
    assert.equal(lone.execution.status, "completed");
    const { execution } = await t.finished(id);
    assert.equal(execution.status, "failed");
    const { rows } = await t.pool.query("SELECT id FROM execution WHERE root_id = $1", [id]);
    for (const row of rows) await t.finished(row.id);
    assert.deepEqual(await tree(id), { found: LIMIT, counted: LIMIT, open: 0 });
    const refused = await t.pool.query(
      `SELECT DISTINCT s.error->>'code' AS code FROM execution_step AS s JOIN execution AS e ON e.id = s.execution_id
       WHERE e.root_id = $1 AND s.error->>'code' <> 'CHILD_FAILED'`,
      [id],
    );
    assert.ok(refused.rows.some((row) => row.code === "DESCENDANT_LIMIT"));
  });

  test("as many as the limit allows are let through, over several levels and a restart", async () => {
    await plain("leaf");
    await forking("branch", 9, "leaf");
    const { id } = await start(await forking("trunk", 6, "branch"));
    const { execution } = await t.finished(id);
    assert.equal(execution.status, "completed");
    assert.deepEqual(await tree(id), { found: 60, counted: 60, open: 0 });
    await t.restart();
    await assert.rejects(start(await plain("one more"), id), { code: "DESCENDANT_LIMIT" });
  });

  test("what an execution leads to by an event is of the same tree, and of no other tenant's", async () => {
    const id = await plain("told");
    const root = await start(id);
    const second = await start(id, root.id);
    const third = await start(id, second.id);
    assert.deepEqual([root.rootId, second.rootId, third.rootId], [null, root.id, root.id]);
    assert.equal((await tree(root.id)).counted, 2);
    await t.pool.query("UPDATE execution SET tenant_id = 'other' WHERE id = $1", [root.id]);
    assert.equal((await start(id, root.id)).rootId, null);
  });
});

test("children wait while their tenant has spent its budget, and no attempt is lost by that", async () => {
  t = await testEngine();
  try {
    await plain("leaf");
    const { rateLimiter } = t.engine;
    await rateLimiter.consume(`tenant:${TENANT}`, new Map([["descendants", 6_000]]));
    const { id } = await start(await forking("parent", 1, "leaf"));
    await t.reached(id, "step.retrying");
    const [, item] = await t.engine.executions.steps(TENANT, id);
    assert.deepEqual([item?.status, item?.error?.code], ["waiting", "BUDGET_SPENT"]);
    await t.engine.executions.cancel(TENANT, id, { compensate: false, reason: null });
    assert.equal((await t.finished(id)).execution.status, "cancelled");
  } finally {
    await t.close();
  }
});
