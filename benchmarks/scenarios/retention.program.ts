import pg from "pg";
import { Remover, Sweeper } from "../../engine/retention/index.ts";
import { clockOf } from "../../engine/runtime/index.ts";
import { openDatabase } from "../../engine/store/database.ts";

const WORKFLOWS = 100;
/** Stay and go; by arguments, such as 1000000 250000, for a quiet machine and an hour. */
const [standing = 40_000, moving = 10_000] = process.argv.slice(2).map(Number);
const ROUNDS = 4;
const STEPS = 2;
const EVENTS = 5;
const DAY_MS = 86_400_000;
const RETENTION_DAYS = 10;

const databaseUrl = process.env.DATABASE_URL!;
const { pool, close } = await openDatabase(databaseUrl);
const filler = new pg.Client({ connectionString: databaseUrl });
await filler.connect();
await filler.query(
  `INSERT INTO workflow (id, tenant_id, name, status, is_enabled, version, is_scheduled, trigger_on_file_upload, created_at,
     updated_at, retention_days)
   SELECT i, 'bench', 'workflow ' || i, 'active', true, 1, false, false, now(), now(), $2::int
   FROM generate_series(1, $1::int) AS i`,
  [WORKFLOWS, RETENTION_DAYS],
);
let stored = 0;
await fill(standing + moving);
const took: number[] = [];
const removals: number[] = [];
const rounds: number[] = [];
const pages: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const sweeper = await sweeperOfOldest(moving);
  took.push(await timed(() => sweeper.sweep()));
  rounds.push(await timed(() => sweeper.sweep()));
  // As autovacuum does, once a fifth of a table is dead.
  for (const table of ["execution", "execution_step", "execution_event"]) await filler.query(`VACUUM ${table}`);
  await fill(moving);
  pages.push(await countPages());
}
await filler.end();
await close();
removals.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    removedPerSecond: (ROUNDS * moving * 1_000) / took.reduce((sum, ms) => sum + ms, 0),
    transactionP50Ms: removals[Math.floor(removals.length / 2)],
    transactionMaxMs: removals.at(-1),
    emptyRoundMs: Math.min(...rounds),
    growth: pages.at(-1)! / pages[0]!,
  }),
);

/** Executions that have ended, one a ms; every tenth is a child of the one before. */
async function fill(count: number): Promise<void> {
  const range = [stored + 1, stored + count];
  stored += count;
  await filler.query(
    `INSERT INTO execution (id, uid, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, parent_id, depth, epoch, last_seq, created_at, started_at, completed_at)
     SELECT i, gen_random_uuid(), 'bench', 1 + i % $3::int, 1, 'completed', 'none', 'manual', '{}',
       CASE WHEN i % 10 = 9 THEN i - 1 END, 0, 1, $4::int, at, at, at
     FROM (SELECT i, '2026-01-01'::timestamptz + i * interval '1 ms' AS at
           FROM generate_series($1::bigint, $2::bigint) AS i) AS made`,
    [...range, WORKFLOWS, EVENTS],
  );
  await filler.query(
    `INSERT INTO execution_step (id, execution_id, step_order, name, type, role, definition_index, branch_path, status, attempt,
       input, output, settled_seq)
     SELECT i * $3::int + k, i, k + 1, 'step', 'log', 'action', k, '', 'completed', 1, json_build_object('message', repeat('x', 60)),
       json_build_object('message', repeat('x', 60)), 3 + k
     FROM generate_series($1::bigint, $2::bigint) AS i, generate_series(0, $3::int - 1) AS k`,
    [...range, STEPS],
  );
  await filler.query(
    `INSERT INTO execution_event (execution_id, seq, type, data, at)
     SELECT i, k, 'step.completed', json_build_object('output', repeat('x', 60)), now()
     FROM generate_series($1::bigint, $2::bigint) AS i, generate_series(1, $3::int) AS k`,
    [...range, EVENTS],
  );
  await filler.query("ANALYZE");
}

/** One to whose clock so many are old enough. */
async function sweeperOfOldest(count: number): Promise<Sweeper> {
  const { rows } = await pool.query("SELECT completed_at FROM execution ORDER BY id OFFSET $1::int LIMIT 1", [count]);
  const now = rows[0].completed_at.getTime() + RETENTION_DAYS * DAY_MS;
  const clock = clockOf(() => now);
  const bus = {
    publish: () => {},
    subscribe: () => Promise.reject(new Error("Nobody listens")),
    close: async () => {},
  };
  const remover = new Remover({ pool, bus, clock });
  const remove = remover.remove.bind(remover);
  remover.remove = async (...asked) => {
    const startedAt = performance.now();
    const removal = await remove(...asked);
    removals.push(performance.now() - startedAt);
    return removal;
  };
  const nobodys = { days: null, daysOfTenants: new Map() };
  return new Sweeper({ pool, clock, remover, retention: nobodys, log: () => {} });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function countPages(): Promise<number> {
  const { rows } = await pool.query(
    `SELECT sum(pg_total_relation_size(oid) / 8192)::int AS pages FROM pg_class
     WHERE relname IN ('execution', 'execution_step', 'execution_event')`,
  );
  return rows[0].pages;
}
