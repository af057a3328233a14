import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import type { ExecutionStatus } from "./status.ts";

let t: TestEngine;
let client: pg.Client;
const ROWS = 20_000;

/**
 * Rows as the journal would leave them, many more than a page: two workflows of a big tenant, one execution in a hundred
 * failed; and a small tenant, whose five rows the planner's statistics do not know.
 */
before(async () => {
  t = await testEngine();
  client = new pg.Client({ connectionString: t.options.databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO execution (id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at)
     SELECT i, 'big', 900 + i % 2, 1, CASE WHEN i % 100 = 0 THEN 'failed' ELSE 'completed' END, 'none', 'manual',
       '{}', 0, 1, 1, now() FROM generate_series(1, $1::int) AS i`,
    [ROWS],
  );
  await client.query("ANALYZE execution");
  await client.query("UPDATE execution SET tenant_id = 'small', workflow_id = 902 WHERE id <= 5");
});
after(async () => {
  await client.end();
  await t.close();
});

const window = { limit: 10, after: null, before: null, fromEnd: false };
const all = { workflowId: null, statuses: null };

test("pages over several statuses follow each other without a gap or a repeat, in both directions", async () => {
  const filter = { workflowId: null, statuses: ["failed", "cancelled", "failed"] as ExecutionStatus[] };
  const expected = Array.from({ length: ROWS / 100 }, (_, i) => ROWS - i * 100);
  const forwards: number[] = [];
  for (let after: number | null = null, more = true; more; ) {
    const page = await t.engine.executionQueries.list("big", filter, { ...window, limit: 33, after });
    forwards.push(...page.items.map(({ id }) => id));
    [after, more] = [page.items.at(-1)!.id, page.hasMore];
  }
  assert.deepEqual(forwards, expected);
  const last = await t.engine.executionQueries.list("big", filter, { ...window, fromEnd: true });
  assert.deepEqual(
    last.items.map(({ id }) => id),
    expected.slice(-10),
  );
  assert.equal(await t.engine.executionQueries.count("big", filter), ROWS / 100);
});

test("each workflow gets a page of its own from one call", async () => {
  const pages = await t.engine.executionQueries.listOfWorkflows("big", [900, 901, 903], null, { ...window, limit: 2 });
  const ids = [...pages].map(([id, page]) => [id, page.items.map((item) => item.id), page.hasMore]);
  assert.deepEqual(ids, [
    [900, [ROWS, ROWS - 2], true],
    [901, [ROWS - 1, ROWS - 3], true],
    [903, [], false],
  ]);
});

test("another tenant sees nothing, by whatever filter", async () => {
  const { executionQueries: queries } = t.engine;
  for (const filter of [all, { ...all, workflowId: 900 }]) {
    assert.deepEqual((await queries.list(TENANT, filter, window)).items, []);
    assert.equal(await queries.count(TENANT, filter), 0);
  }
  assert.equal((await queries.byIds(TENANT, [10, 20])).size, 0);
});

test("a page reads a page's rows, deep in a long list and of a small owner among large ones", async () => {
  const { query } = pg.Client.prototype;
  const statements: { text: string; values: unknown[] }[] = [];
  pg.Client.prototype.query = function (this: pg.Client, ...args: never) {
    const [config] = args as [{ text: string; values: unknown[] }];
    if (config.text?.includes("LATERAL")) statements.push(config);
    return (query as (...args: never) => unknown).apply(this, args);
  } as never;
  const indexes: string[] = [];
  try {
    for (const fromEnd of [false, true]) {
      for (const [tenant, workflowId] of [
        ["big", 900],
        ["small", 902],
      ] as const) {
        for (const statuses of [null, ["failed", "cancelled"] as const]) {
          const middle = fromEnd ? { before: ROWS / 2 } : { after: ROWS / 2 };
          for (const of of [null, workflowId]) {
            await t.engine.executionQueries.list(
              tenant,
              { workflowId: of, statuses },
              { ...window, ...middle, fromEnd },
            );
            indexes.push(`execution_${of === null ? "tenant" : "workflow"}${statuses === null ? "" : "_status"}`);
          }
        }
      }
    }
  } finally {
    pg.Client.prototype.query = query;
  }
  assert.equal(statements.length, 16);
  await client.query("SET plan_cache_mode = force_generic_plan");
  for (const [i, { text, values }] of statements.entries()) {
    await client.query({ text: `PREPARE page_${i} AS ${text}` });
    const given = values.map((value) => pg.escapeLiteral(Array.isArray(value) ? `{${value}}` : String(value)));
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page_${i} (${given})`);
    const plan = JSON.stringify(rows);
    assert.ok(plan.includes(`"Index Name":"${indexes[i]}"`), `${indexes[i]}: ${plan}`);
    assert.ok(!plan.includes('"Node Type":"Sort"'), plan);
    for (const [, read] of plan.matchAll(/"Actual Rows":([\d.]+)/g)) assert.ok(Number(read) <= 22, plan);
    for (const [, removed] of plan.matchAll(/"Rows Removed by Filter":(\d+)/g)) assert.equal(removed, "0", plan);
  }
});

test("a stretch by number reads what it shows and what it leaves out, of whatever owner", async () => {
  const { query } = pg.Client.prototype;
  const statements: { text: string; values: unknown[] }[] = [];
  pg.Client.prototype.query = function (this: pg.Client, ...args: never) {
    const [config] = args as [{ name?: string; text: string; values: unknown[] }];
    if (config.name?.startsWith("executions-at")) statements.push(config);
    return (query as (...args: never) => unknown).apply(this, args);
  } as never;
  const indexes: string[] = [];
  try {
    for (const [tenant, workflowId] of [
      ["big", 900],
      ["small", 902],
    ] as const) {
      for (const statuses of [null, ["failed", "cancelled"] as const]) {
        for (const of of [null, workflowId]) {
          await t.engine.executionQueries.listAt(tenant, { workflowId: of, statuses }, { limit: 10, offset: 5 });
          indexes.push(`execution_${of === null ? "tenant" : "workflow"}${statuses === null ? "" : "_status"}`);
        }
      }
    }
  } finally {
    pg.Client.prototype.query = query;
  }
  assert.equal(statements.length, 8);
  await client.query("SET plan_cache_mode = force_generic_plan");
  for (const [i, { text, values }] of statements.entries()) {
    await client.query({ text: `PREPARE stretch_${i} AS ${text}` });
    const given = values.map((value) => pg.escapeLiteral(Array.isArray(value) ? `{${value}}` : String(value)));
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE stretch_${i} (${given})`);
    const plan = JSON.stringify(rows);
    assert.ok(plan.includes(`"Index Name":"${indexes[i]}"`), `${indexes[i]}: ${plan}`);
    for (const [, read] of plan.matchAll(/"Actual Rows":([\d.]+)/g)) assert.ok(Number(read) <= 30, plan);
    for (const [, removed] of plan.matchAll(/"Rows Removed by Filter":(\d+)/g)) assert.equal(removed, "0", plan);
  }
});
