import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { openDatabase } from "../../engine/store/database.ts";
import { allEvents, assertFold } from "../support/fold.ts";
import type { Follower } from "./follower.ts";
import { effectsOf } from "./load.ts";
import type { World } from "./world.ts";

const SETTLE_LIMIT_MS = 90_000;
/** For the last events to arrive. */
const FOLLOW_LIMIT_MS = 30_000;
const LOOK_MS = 100;
/** A tenth, and what a heap and a pool of any size breathe by. */
const GROWTH = 1.1;
const SLACK_BYTES = 8 * 1024 * 1024;
const SLACK_HANDLES = 6;
/** Connections that idle are given up after ten seconds or so. */
const USAGE_LIMIT_MS = 45_000;
/** Every fold is compared up to so many executions, then that of each n-th. */
const FOLDS = 300;

export type Held = Awaited<ReturnType<World["usage"]>>;

/** What must be true after any fault. Returns what is not. */
export async function whatIsWrong(world: World, before: Held, faults: number, follower: Follower): Promise<string[]> {
  const wrong: string[] = [];
  const check = async (what: () => Promise<void> | void): Promise<void> => {
    try {
      await what();
    } catch (error) {
      wrong.push(error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : String(error));
    }
  };
  const { pool, close } = await openDatabase(world.postgres.direct(world.name));
  try {
    await check(() => settled(pool));
    for (const [bad, times] of world.load.bad) wrong.push(`${times} answers to starts: ${bad}`);
    await check(() => completed(pool, world));
    await check(() => effectsAreOnce(world, faults));
    await check(() => foldsEqualRows(pool));
    await check(() => followed(pool, follower));
    await check(() => isBack(world, before));
  } finally {
    await close();
  }
  return wrong;
}

/** Everything ends. */
export async function settled(pool: pg.Pool): Promise<void> {
  for (const deadline = performance.now() + SETTLE_LIMIT_MS; ; await sleep(LOOK_MS)) {
    const { rows } = await pool.query<{ status: string; n: number }>(
      `SELECT status, count(*)::int AS n FROM execution
       WHERE status IN ('pending', 'running', 'waiting', 'compensating') GROUP BY 1`,
    );
    if (rows.length === 0) return;
    if (performance.now() > deadline) {
      const left = rows.map(({ status, n }) => `${n} ${status}`).join(", ");
      throw new Error(`not everything ends: after ${SETTLE_LIMIT_MS / 1_000} s there are ${left}`);
    }
  }
}

/** What was accepted is there once and completed. */
async function completed(pool: pg.Pool, { load, workId }: World): Promise<void> {
  const { rows } = await pool.query<{ id: number; status: string; n: string; error: unknown }>(
    "SELECT id::int, status, trigger_data ->> 'n' AS n, error FROM execution WHERE workflow_id = $1 AND depth = 0",
    [workId],
  );
  const stored = new Map(rows.map((row) => [row.n, row]));
  assert.equal(rows.length, stored.size, `${rows.length - stored.size} starts were made twice`);
  for (const [n, id] of load.started) {
    const row = stored.get(n);
    assert.equal(row?.id, id, `start ${n} was answered with execution ${id}, and ${row?.id} is stored`);
    assert.equal(row?.status, "completed", `execution ${id} is ${row?.status}: ${JSON.stringify(row?.error)}`);
  }
}

/** Each effect has come, under one key, once and once more a fault at most. */
function effectsAreOnce({ load, upstream }: World, faults: number): void {
  for (const n of load.started.keys()) {
    for (const effect of effectsOf(n)) {
      const keys = upstream.effects.get(effect) ?? [];
      assert.ok(keys.length > 0, `the effect ${effect} never came`);
      assert.ok(keys.length <= 1 + faults, `the effect ${effect} came ${keys.length} times in ${faults} faults`);
      assert.equal(new Set(keys).size, 1, `the effect ${effect} came under ${new Set(keys)}`);
    }
  }
}

async function foldsEqualRows(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ id: number }>("SELECT id::int FROM execution ORDER BY id");
  const every = Math.ceil(rows.length / FOLDS);
  for (const [n, { id }] of rows.entries()) {
    if (n % every === 0) await assertFold(pool, id);
    else if (rows.length < 10 * FOLDS) await allEvents(pool, id);
  }
}

async function followed(pool: pg.Pool, follower: Follower): Promise<void> {
  const { rows } = await pool.query<{ last_seq: number }>("SELECT last_seq FROM execution WHERE id = $1", [
    follower.executionId,
  ]);
  await follower.assertWhole(rows[0]!.last_seq, FOLLOW_LIMIT_MS);
}

/** What is held is what was held before, in a while. */
async function isBack(world: World, before: Held): Promise<void> {
  for (const deadline = performance.now() + USAGE_LIMIT_MS; ; await sleep(10 * LOOK_MS)) {
    const now = await world.usage();
    const tooMuch: string[] = [];
    if (now.heapBytes > before.heapBytes * GROWTH + SLACK_BYTES)
      tooMuch.push(`memory went from ${megabytes(before.heapBytes)} to ${megabytes(now.heapBytes)} MB`);
    if (now.descriptors > before.descriptors * GROWTH + SLACK_HANDLES)
      tooMuch.push(
        `file descriptors went from ${before.descriptors} to ${now.descriptors} (${JSON.stringify(now.resources)})`,
      );
    if (tooMuch.length === 0) return;
    if (performance.now() > deadline) throw new Error(tooMuch.join("; "));
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
