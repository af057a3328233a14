import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import pg from "pg";
import { testDatabase } from "../../tests/support/postgres.ts";
import { anyTime, createdRange } from "./created-range.ts";
import { openDatabase } from "./database.ts";
import { executionIds, IdBlocks } from "./ids.ts";

const ROWS = 50_000;
const EPOCH = Date.UTC(2026, 0, 1);
const LAST = EPOCH + ROWS * 1_000;

let testDb: Awaited<ReturnType<typeof testDatabase>>;
let pool: pg.Pool;

/** An execution a second, each up to 30 s off its turn; of a tenant every seventh, and a stretch of a day is missing. */
before(async () => {
  testDb = await testDatabase();
  await (await openDatabase(testDb.url)).close();
  pool = new pg.Pool({ connectionString: testDb.url, max: 3 });
  await pool.query(
    `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at)
     SELECT gen_random_uuid(), i * 3, 'tenant ' || i % 7, 1, 1, 'completed', 'none', 'manual', '{}', 0, 1, 1,
       to_timestamp($2::bigint / 1000 + i + (i * 7919) % 61 - 30)
     FROM generate_series(1, $1::int) AS i WHERE i NOT BETWEEN 20000 AND 35000`,
    [ROWS, EPOCH],
  );
  await pool.query("ANALYZE execution");
});
after(async () => {
  await pool.end();
  await testDb.drop();
});

const moment = fc.option(fc.integer({ min: EPOCH - 200_000, max: LAST + 200_000 }), { nil: undefined });

test("every execution of a stretch of time has an id of the range, and few others have", async () => {
  await fc.assert(
    fc.asyncProperty(moment, moment, async (since, until) => {
      const range = await createdRange(pool, { since, until });
      const { rows } = await pool.query<{ lost: number; more: number }>(
        `SELECT count(*) FILTER (WHERE is_of AND NOT is_between)::int AS lost,
                count(*) FILTER (WHERE is_between AND NOT is_of)::int AS more
         FROM (SELECT created_at >= $1::timestamptz AND created_at < $2::timestamptz AS is_of,
                 id > $3::bigint AND id < $4::bigint AS is_between FROM execution) AS looked_at`,
        [range.since, range.until, range.above, range.below],
      );
      assert.equal(rows[0]!.lost, 0);
      // A second each: at both ends what may be in disorder, and as much for the disorder that there is.
      assert.ok(rows[0]!.more <= 2 * (60 + 90), `${rows[0]!.more} rows too many`);
    }),
  );
});

test("what is still to come is not left out", async () => {
  assert.deepEqual(await createdRange(pool, { since: undefined, until: undefined }), anyTime);
  const open = await createdRange(pool, { since: LAST + 3_600_000, until: LAST + 7_200_000 });
  assert.ok(open.above >= (ROWS - 1) * 3, String(open.above));
  assert.equal(open.below, anyTime.below);
});

test("the search reads some rows, not all", async () => {
  const { query } = pool;
  let searched: pg.QueryConfig | undefined;
  pool.query = ((config: pg.QueryConfig) => {
    searched = config;
    return (query as (config: pg.QueryConfig) => unknown).call(pool, config);
  }) as never;
  try {
    await createdRange(pool, { since: EPOCH + 12_345_000, until: undefined });
  } finally {
    pool.query = query;
  }
  const { rows } = await pool.query<{ "QUERY PLAN": unknown }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${searched!.text.replaceAll("$1", `'${(searched!.values![0] as Date).toISOString()}'`)}`,
  );
  const plan = JSON.stringify(rows);
  assert.ok(!plan.includes("Seq Scan"), plan);
  for (const [, read] of plan.matchAll(/"Actual Rows":([\d.]+)/g)) assert.ok(Number(read) <= 40, plan);
});

test("ids of a process that idles do not come back out of order", async (t) => {
  let time = 1_000;
  t.mock.method(performance, "now", () => time);
  const [idle, busy] = [new IdBlocks(pool, executionIds), new IdBlocks(pool, executionIds)];
  const first = await idle.next();
  time += 20_000;
  assert.equal(await idle.next(), first + 1);
  let latest = 0;
  for (let i = 0; i < 2 * executionIds.blockSize; i++) latest = await busy.next();
  time += 20_000;
  assert.ok((await idle.next()) > latest);
});
