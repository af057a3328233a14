import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import type { DomainError } from "../model/errors.ts";
import { tenantNamed } from "../model/index.ts";
import type { ExecutionSummary } from "../model/records.ts";
import type { ExecutionStatus } from "../model/status.ts";
import type { Page } from "../model/window.ts";
import type { ExecutionFilter } from "./execution-queries.ts";

const BIG = tenantNamed("big");
const SMALL = tenantNamed("small");

let t: TestEngine;
let client: pg.Client;
const ROWS = 20_000;
const EPOCH = Date.UTC(2026, 0, 1);

/**
 * Rows as the journal would leave them, many more than a page: two workflows of a big tenant, one execution in a hundred
 * failed, one a second, nine requests; and a small tenant, whose five rows the planner's statistics do not know.
 */
before(async () => {
  t = await testEngine();
  client = new pg.Client({ connectionString: t.options.databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at, correlation_id)
     SELECT gen_random_uuid(), i, 'big', 900 + i % 2, 1, CASE WHEN i % 100 = 0 THEN 'failed' ELSE 'completed' END, 'none', 'manual',
       '{}', 0, 1, 1, to_timestamp($2::bigint / 1000 + i), CASE WHEN i % 10 > 0 THEN 'request ' || i % 10 END
     FROM generate_series(1, $1::int) AS i`,
    [ROWS, EPOCH],
  );
  await client.query("ANALYZE execution");
  await client.query("UPDATE execution SET tenant_id = 'small', workflow_id = 902 WHERE id <= 5");
});
after(async () => {
  await client.end();
  await t.close();
});

const window = { limit: 10, after: null, before: null, fromEnd: false };

test("pages over several statuses follow each other without a gap or a repeat, in both directions", async () => {
  const filter = { statuses: ["failed", "cancelled", "failed"] as ExecutionStatus[] };
  const expected = Array.from({ length: ROWS / 100 }, (_, i) => ROWS - i * 100);
  const forwards: number[] = [];
  for (let after: number | null = null, more = true; more; ) {
    const page = await t.engine.executionQueries.list(BIG, filter, { ...window, limit: 33, after });
    forwards.push(...page.items.map(({ id }) => id));
    [after, more] = [page.items.at(-1)!.id, page.hasMore];
  }
  assert.deepEqual(forwards, expected);
  const last = await t.engine.executionQueries.list(BIG, filter, { ...window, fromEnd: true });
  assert.deepEqual(
    last.items.map(({ id }) => id),
    expected.slice(-10),
  );
  assert.equal(await t.engine.executionQueries.count(BIG, filter), ROWS / 100);
});

test("each workflow gets a page of its own from one call", async () => {
  const pages = await t.engine.executionQueries.listOfWorkflows(BIG, [900, 901, 903], undefined, {
    ...window,
    limit: 2,
  });
  const ids = [...pages].map(([id, page]) => [id, page.items.map((item) => item.id), page.hasMore]);
  assert.deepEqual(ids, [
    [900, [ROWS, ROWS - 2], true],
    [901, [ROWS - 1, ROWS - 3], true],
    [903, [], false],
  ]);
});

test("another tenant sees nothing, by whatever filter", async () => {
  const { executionQueries: queries } = t.engine;
  for (const filter of [{}, { workflowId: 900 }]) {
    assert.deepEqual((await queries.list(TENANT, filter, window)).items, []);
    assert.equal(await queries.count(TENANT, filter), 0);
  }
  assert.equal((await queries.byIds(TENANT, [10, 20])).size, 0);
});

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How Postgres would run, again and again, the named statements that `run` sends. */
async function plansOf(prefix: string, run: () => Promise<void>): Promise<string[]> {
  const { query } = pg.Client.prototype;
  const statements: Statement[] = [];
  pg.Client.prototype.query = function (this: pg.Client, ...args: never) {
    const [config] = args as [Statement];
    if (config.name?.startsWith(prefix)) statements.push(config);
    return (query as (...args: never) => unknown).apply(this, args);
  } as never;
  try {
    await run();
  } finally {
    pg.Client.prototype.query = query;
  }
  await client.query("SET plan_cache_mode = force_generic_plan");
  const plans: string[] = [];
  for (const { text, values } of statements) {
    await client.query(`PREPARE planned AS ${text}`);
    const given = values.map((value) => {
      if (value == null) return "NULL";
      if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
      return pg.escapeLiteral(Array.isArray(value) ? `{${value}}` : String(value));
    });
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE planned (${given})`);
    await client.query("DEALLOCATE planned");
    plans.push(JSON.stringify(rows));
  }
  return plans;
}

/** Reads no more rows than these, by this index, and none in vain. */
function assertReads(plan: string, index: string, rows: number): void {
  assert.ok(plan.includes(`"Index Name":"${index}"`), `${index}: ${plan}`);
  for (const [, read] of plan.matchAll(/"Actual Rows":([\d.]+)/g)) assert.ok(Number(read) <= rows, plan);
  for (const [, removed] of plan.matchAll(/"Rows Removed by Filter":(\d+)/g)) assert.equal(removed, "0", plan);
}

test("a page reads a page's rows, deep in a long list and of a small owner among large ones", async () => {
  const indexes: string[] = [];
  const plans = await plansOf("list-", async () => {
    for (const fromEnd of [false, true]) {
      for (const [tenant, own] of [
        [BIG, 900],
        [SMALL, 902],
      ] as const) {
        const page = { ...window, ...(fromEnd ? { before: ROWS / 2 } : { after: ROWS / 2 }), fromEnd };
        for (const statuses of [undefined, ["failed", "cancelled"] as const]) {
          for (const workflowId of [undefined, own]) {
            await t.engine.executionQueries.list(tenant, { workflowId, statuses }, page);
            indexes.push(`execution_${workflowId === undefined ? "tenant" : "workflow"}${statuses ? "_status" : ""}`);
          }
        }
        await t.engine.executionQueries.list(tenant, { correlationId: "request 4" }, page);
        indexes.push("execution_correlation");
      }
    }
  });
  assert.equal(plans.length, 20);
  for (const [i, plan] of plans.entries()) {
    assertReads(plan, indexes[i]!, 22);
    assert.ok(!plan.includes('"Node Type":"Sort"'), plan);
  }
});

test("a page of a time long past reads what may have been created then, not what came since", async () => {
  const [since, until] = [EPOCH + 5_000_000, EPOCH + 6_000_000];
  const plans = await plansOf("list-", async () => {
    for (const fromEnd of [false, true]) {
      await t.engine.executionQueries.list(BIG, { since, until }, { ...window, fromEnd });
      await t.engine.executionQueries.list(BIG, { since, until, workflowId: 900 }, { ...window, fromEnd });
    }
  });
  for (const plan of plans) {
    for (const [, removed] of plan.matchAll(/"Rows Removed by Filter":(\d+)/g)) assert.ok(Number(removed) <= 60, plan);
  }
});

test("what one request led to is listed by its correlation id, of the tenant alone, whatever else it is asked for", async () => {
  const { executionQueries: queries } = t.engine;
  const at = (row: number) => EPOCH + row * 1_000;
  const expected = (is: (i: number) => boolean) =>
    Array.from({ length: ROWS }, (_, i) => ROWS - i).filter((i) => i > 5 && is(i));
  for (const [filter, is] of [
    [{ correlationId: "request 4" }, (i) => i % 10 === 4],
    [{ correlationId: "request 4", workflowId: 901 }, () => false],
    [
      { correlationId: "request 4", workflowId: 900, since: at(104), until: at(10_004) },
      (i) => i % 10 === 4 && i >= 104 && i < 10_004,
    ],
    [{ correlationId: "request 4", statuses: ["failed"] }, () => false],
    [{ since: at(1_000), until: at(1_100), statuses: ["completed"] }, (i) => i >= 1_000 && i < 1_100 && i % 100 > 0],
    [{ workflowId: 900, until: at(100) }, (i) => i < 100 && i % 2 === 0],
    [{ since: at(ROWS - 10) }, (i) => i >= ROWS - 10],
    [{ until: Date.UTC(0, 0, 1) - 1e14 }, () => false],
  ] as [ExecutionFilter, (i: number) => boolean][]) {
    const found: number[] = [];
    for (let after: number | null = null, more = true; more; ) {
      const page: Page<ExecutionSummary> = await queries.list(BIG, filter, { ...window, limit: 1_000, after });
      found.push(...page.items.map(({ id }) => id));
      [after, more] = [page.items.at(-1)?.id ?? null, page.hasMore];
    }
    assert.deepEqual(found, expected(is), JSON.stringify(filter));
    assert.equal(await queries.count(BIG, filter), found.length, JSON.stringify(filter));
    const last = await queries.list(BIG, filter, { ...window, limit: 3, fromEnd: true });
    assert.deepEqual(
      last.items.map(({ id }) => id),
      found.slice(-3),
    );
  }
  assert.deepEqual(
    (await queries.list(SMALL, { correlationId: "request 4" }, window)).items.map(({ id }) => id),
    [4],
  );
});

test("a filter that cannot be is refused", async () => {
  const { executionQueries: queries } = t.engine;
  for (const [filter, path] of [
    [{ since: EPOCH, until: EPOCH }, "filter.until"],
    [{ correlationId: "a\0" }, "filter.correlationId"],
  ] as const) {
    for (const asked of [queries.list(BIG, filter, window), queries.count(BIG, filter)]) {
      await assert.rejects(asked, (error: DomainError) => error.issues[0]?.path === path);
    }
  }
});

test("a stretch by number reads what it shows and what it leaves out, of whatever owner", async () => {
  const indexes: string[] = [];
  const plans = await plansOf("executions-at", async () => {
    for (const [tenant, own] of [
      [BIG, 900],
      [SMALL, 902],
    ] as const) {
      for (const statuses of [undefined, ["failed", "cancelled"] as const]) {
        for (const workflowId of [undefined, own]) {
          await t.engine.executionQueries.listAt(tenant, { workflowId, statuses }, { limit: 10, offset: 5 });
          indexes.push(`execution_${workflowId === undefined ? "tenant" : "workflow"}${statuses ? "_status" : ""}`);
        }
      }
    }
  });
  assert.equal(plans.length, 8);
  for (const [i, plan] of plans.entries()) assertReads(plan, indexes[i]!, 30);
});
