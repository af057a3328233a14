import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { assertFold } from "../../tests/support/fold.ts";
import { type TestDatabase, testDatabase } from "../../tests/support/postgres.ts";
import { createdData } from "../../tests/support/scripted.ts";
import { tcpProxy } from "../../tests/support/tcp-proxy.ts";
import { DomainError } from "../model/errors.ts";
import type { ExecutionEvent } from "../model/events.ts";
import type { ExecutionId } from "../model/index.ts";
import { create } from "../model/state.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { JournalEntry } from "./entry.ts";
import { Journal, type JournalHooks } from "./journal.ts";

let testDb: TestDatabase;
let database: Database;
let nextId = 1;

before(async () => {
  testDb = await testDatabase();
  database = await openDatabase(testDb.url);
});
after(async () => {
  await database.close();
  await testDb.drop();
});

interface Opened {
  readonly journal: Journal;
  /** Published seqs by execution. */
  readonly published: Map<number, number[]>;
  readonly runnable: number[];
  readonly warnings: string[];
}

async function open(t: TestContext, options: { url?: string; hooks?: Partial<JournalHooks> } = {}): Promise<Opened> {
  const published = new Map<number, number[]>();
  const runnable: number[] = [];
  const warnings: string[] = [];
  const journal = await Journal.open(options.url ?? testDb.url, {
    published: ({ id }, events) => {
      published.set(id, [...(published.get(id) ?? []), ...events.map((event) => event.seq)]);
    },
    runnable: (ids) => runnable.push(...ids),
    warn: (message) => warnings.push(message),
    ...options.hooks,
  });
  t.after(() => journal.close());
  return { journal, published, runnable, warnings };
}

const createdEvent = (executionId = nextId++ as ExecutionId): ExecutionEvent => ({
  executionId,
  seq: 1,
  type: "execution.created",
  stepId: null,
  at: Date.now(),
  data: createdData,
});

function newEntry(epoch = 1): JournalEntry {
  const created = createdEvent();
  const entry = new JournalEntry(create(created), epoch, created);
  entry.record("execution.started", null, { deadline_at: new Date().toISOString() }, Date.now());
  return entry;
}

async function storedEntry(journal: Journal): Promise<JournalEntry> {
  const entry = newEntry();
  journal.changed(entry);
  await entry.committed();
  return entry;
}

const idOf = (entry: JournalEntry): number => entry.state.execution.id;

/** A step begins and completes; `name` is what Postgres gets to see as text. */
function step(entry: JournalEntry, name = "step"): void {
  const id = nextId++;
  const { size } = entry.state.steps;
  const place = { step_type: "log", role: "action", order: size + 1, index: 0, item: null, branch: "" } as const;
  entry.record(
    "step.started",
    id,
    { ...place, name, parent_id: null, compensates_id: null, attempt: 1, input: null },
    Date.now(),
  );
  entry.record("step.completed", id, { name, output: { text: "\u0000\ud800 \u2028 \"'\\", number: -0.5 } }, Date.now());
}

const range = (to: number): number[] => Array.from({ length: to }, (_, i) => i + 1);

async function lastSeq(entry: JournalEntry): Promise<number | undefined> {
  const { rows } = await database.pool.query<{ last_seq: number }>("SELECT last_seq FROM execution WHERE id = $1", [
    idOf(entry),
  ]);
  return rows[0]?.last_seq;
}

test("what gathers in one turn is one flush, for any number of executions", async (t) => {
  const { journal, published } = await open(t);
  const entries = Array.from({ length: 50 }, () => newEntry());
  for (const entry of entries) {
    step(entry);
    journal.changed(entry);
  }
  await Promise.all(entries.map((entry) => entry.committed()));
  assert.equal(journal.stats.flushes, 1);
  assert.equal(journal.stats.events, 200);
  for (const entry of entries) {
    assert.deepEqual(published.get(idOf(entry)), [1, 2, 3, 4]);
    await assertFold(database.pool, idOf(entry));
  }
});

test("nothing is published before it is committed", async (t) => {
  const seen: (number | undefined)[] = [];
  const reads: Promise<void>[] = [];
  const { journal } = await open(t, {
    hooks: {
      published: (execution, events) => {
        const last = events.at(-1)!.seq;
        const read = async (): Promise<void> => {
          const { rows } = await database.pool.query("SELECT last_seq FROM execution WHERE id = $1", [execution.id]);
          seen.push((rows[0]?.last_seq as number) - last);
        };
        reads.push(read());
      },
    },
  });
  const entry = newEntry();
  journal.changed(entry);
  for (let i = 0; i < 20; i++) {
    await entry.committed();
    step(entry);
    journal.changed(entry);
  }
  await entry.committed();
  await Promise.all(reads);
  assert.equal(seen.length, 21);
  assert.ok(
    seen.every((ahead) => (ahead as number) >= 0),
    String(seen),
  );
});

test("events of an execution are stored and published in order, though two flushes are under way", async (t) => {
  const { journal, published } = await open(t);
  const entries = Array.from({ length: 20 }, () => newEntry());
  await Promise.all(
    entries.map(async (entry, i) => {
      for (let n = 0; n < 40; n++) {
        step(entry);
        journal.changed(entry);
        if ((n + i) % 3 === 0) await entry.committed();
        else await new Promise((resolve) => setImmediate(resolve));
      }
      await entry.committed();
    }),
  );
  for (const entry of entries) {
    assert.deepEqual(published.get(idOf(entry)), range(82));
    await assertFold(database.pool, idOf(entry));
  }
});

test("a write with a stale epoch is refused and disturbs nobody in the same flush", async (t) => {
  const { journal, published, runnable } = await open(t);
  const [stale, other] = [await storedEntry(journal), await storedEntry(journal)];
  await database.pool.query("UPDATE execution SET epoch = epoch + 1 WHERE id = $1", [idOf(stale)]);
  const child = createdEvent();
  let refusal: unknown;
  stale.onRefused = (error) => {
    refusal = error;
  };
  const { flushes } = journal.stats;
  for (const entry of [stale, other]) {
    step(entry);
    entry.send(idOf(entry), { kind: "pause" });
    journal.changed(entry);
  }
  stale.spawn({ state: create(child), created: child });
  const results = await Promise.allSettled([stale.committed(), other.committed()]);
  assert.equal(journal.stats.flushes, flushes + 1);
  assert.deepEqual(
    results.map((result) => result.status),
    ["rejected", "fulfilled"],
  );
  assert.ok(refusal instanceof DomainError && refusal.code === "LEASE_LOST");
  assert.deepEqual([await lastSeq(stale), await lastSeq(other)], [2, 4]);
  assert.deepEqual([published.get(idOf(stale)), published.get(idOf(other))], [range(2), range(4)]);
  assert.deepEqual(runnable, [idOf(other)]);
  const { rows } = await database.pool.query(
    `SELECT (SELECT count(*)::int FROM execution_step WHERE execution_id = $1) AS steps,
       (SELECT count(*)::int FROM execution_event WHERE execution_id = $1) AS events,
       (SELECT count(*)::int FROM execution_signal WHERE execution_id = $1) AS signals,
       (SELECT count(*)::int FROM execution WHERE id = $2) AS children`,
    [idOf(stale), child.executionId],
  );
  assert.deepEqual(rows, [{ steps: 0, events: 2, signals: 0, children: 0 }]);
  await assertFold(database.pool, idOf(other));
});

test("an entry that was refused once stores nothing any more", async (t) => {
  const { journal } = await open(t);
  const stale = await storedEntry(journal);
  await database.pool.query("UPDATE execution SET epoch = epoch + 1 WHERE id = $1", [idOf(stale)]);
  step(stale);
  journal.changed(stale);
  const first = stale.committed();
  await new Promise((resolve) => setImmediate(resolve));
  step(stale);
  journal.changed(stale);
  await assert.rejects(first, { code: "LEASE_LOST" });
  await assert.rejects(async () => {
    step(stale);
    journal.changed(stale);
    await stale.committed();
  });
  assert.equal(await lastSeq(stale), 2);
});

test("a second start with the same idempotency key is refused, and only that", async (t) => {
  const { journal } = await open(t);
  const keyed = (): JournalEntry => {
    const created = createdEvent();
    const event = { ...created, data: { ...createdData, idempotency_key: "once" } } as ExecutionEvent;
    return new JournalEntry(create(event), 1, event);
  };
  const entries = [keyed(), keyed(), newEntry()];
  for (const entry of entries) journal.changed(entry);
  const results = await Promise.allSettled(entries.map((entry) => entry.committed()));
  assert.deepEqual(results.map((result) => result.status).sort(), ["fulfilled", "fulfilled", "rejected"]);
  assert.equal(results[2]?.status, "fulfilled");
});

test("data that Postgres refuses fails its own execution and no other", async (t) => {
  const { journal, published, warnings } = await open(t);
  const bad = await storedEntry(journal);
  const good = [await storedEntry(journal), newEntry(), newEntry()];
  step(bad, "a NUL \0 in a text column");
  journal.changed(bad);
  for (const entry of good) {
    step(entry);
    journal.changed(entry);
  }
  const results = await Promise.allSettled([bad, ...good].map((entry) => entry.committed()));
  assert.deepEqual(
    results.map((result) => result.status),
    ["rejected", "fulfilled", "fulfilled", "fulfilled"],
  );
  assert.equal(await lastSeq(bad), 2);
  for (const entry of good) {
    assert.deepEqual(published.get(idOf(entry)), range(4));
    await assertFold(database.pool, idOf(entry));
  }
  assert.deepEqual(warnings, [], "the connection is not to blame");
});

test("a child and a signal are stored in the commit of what caused them, and are runnable after it", async (t) => {
  const { journal, runnable, published } = await open(t);
  const [parent, receiver] = [await storedEntry(journal), await storedEntry(journal)];
  const created = createdEvent();
  step(parent);
  parent.spawn({ state: create(created), created });
  parent.send(idOf(receiver), { kind: "pause" });
  journal.changed(parent);
  await parent.committed();
  assert.deepEqual(runnable, [created.executionId, idOf(receiver)]);
  assert.deepEqual(published.get(created.executionId), [1]);
  await assertFold(database.pool, created.executionId);
  const { rows } = await database.pool.query<{ id: number }>(
    "SELECT id FROM execution_signal WHERE execution_id = $1",
    [idOf(receiver)],
  );
  receiver.take(rows[0]!.id);
  journal.changed(receiver);
  await receiver.committed();
  const left = await database.pool.query("SELECT 1 FROM execution_signal WHERE execution_id = $1", [idOf(receiver)]);
  assert.equal(left.rows.length, 0);
});

test("close stores what is pending", async (t) => {
  const { journal } = await open(t);
  const entries = Array.from({ length: 5 }, () => newEntry());
  for (const entry of entries) journal.changed(entry);
  await journal.close();
  for (const entry of entries) assert.equal(await lastSeq(entry), 2);
});

for (const cutAt of ["request", "sent", "answer"] as const) {
  test(`connections that are ended in the middle of flushes (${cutAt}) lose nothing and store nothing twice`, async (t) => {
    const proxy = await tcpProxy(testDb.url);
    t.after(() => proxy.close());
    let cutting = false;
    const { journal, published, warnings } = await open(t, {
      url: proxy.url,
      hooks: {
        probe: (point) => {
          if (point !== "commit.before" || !cutting) return;
          cutting = false;
          proxy.cutAt = cutAt;
        },
      },
    });
    const entries = Array.from({ length: 10 }, () => newEntry());
    for (let round = 1; round <= 5; round++) {
      cutting = true;
      for (const [n, entry] of entries.entries()) {
        step(entry);
        journal.changed(entry);
        // Half of them are on one connection, and half on the other.
        if (n === 4) await new Promise((resolve) => setImmediate(resolve));
      }
      // What comes up while a flush is repeated is not lost in it.
      for (const entry of entries) step(entry);
      for (const entry of entries) journal.changed(entry);
      await Promise.all(entries.map((entry) => entry.committed()));
      assert.deepEqual([proxy.cuts, warnings.length], [round, round]);
    }
    for (const entry of entries) {
      assert.deepEqual(published.get(idOf(entry)), range(entry.state.execution.lastSeq));
      await assertFold(database.pool, idOf(entry));
    }
  });
}

test("a flush that is ended while it waits for a lock is written again, once", async (t) => {
  const { journal, published, warnings } = await open(t);
  const entry = await storedEntry(journal);
  const client = await database.pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT 1 FROM execution WHERE id = $1 FOR UPDATE", [idOf(entry)]);
    step(entry);
    entry.send(idOf(entry), { kind: "pause" });
    journal.changed(entry);
    for (let ended = 0; ended === 0; ) {
      const { rowCount } = await database.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stepwire-journal' AND datname = current_database() AND wait_event_type = 'Lock'",
      );
      ended = rowCount ?? 0;
    }
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
  await entry.committed();
  assert.equal(warnings.length, 1);
  assert.deepEqual(published.get(idOf(entry)), range(4));
  await assertFold(database.pool, idOf(entry));
  const { rows } = await database.pool.query("SELECT 1 FROM execution_signal WHERE execution_id = $1", [idOf(entry)]);
  assert.equal(rows.length, 1);
});

test("a commit whose acknowledgement is lost is found to be stored, and published once", async (t) => {
  const proxy = await tcpProxy(testDb.url);
  t.after(() => proxy.close());
  const { journal, published, runnable, warnings } = await open(t, { url: proxy.url });
  const known = await storedEntry(journal);
  const stale = await storedEntry(journal);
  await database.pool.query("UPDATE execution SET epoch = epoch + 1 WHERE id = $1", [idOf(stale)]);
  const fresh = newEntry();
  const child = createdEvent();
  known.spawn({ state: create(child), created: child });
  known.send(idOf(fresh), { kind: "pause" });
  for (const entry of [known, fresh, stale]) {
    step(entry);
    journal.changed(entry);
  }
  proxy.cutAt = "answer";
  const results = await Promise.allSettled([known, fresh, stale].map((entry) => entry.committed()));
  assert.equal(proxy.cuts, 1);
  assert.equal(warnings.length, 1);
  assert.deepEqual(
    results.map((result) => result.status),
    ["fulfilled", "fulfilled", "rejected"],
  );
  assert.deepEqual([published.get(idOf(known)), published.get(idOf(fresh))], [range(4), range(4)]);
  assert.deepEqual(runnable, [child.executionId, idOf(fresh)]);
  for (const id of [idOf(known), idOf(fresh), child.executionId]) await assertFold(database.pool, id);
  const signals = await database.pool.query("SELECT 1 FROM execution_signal WHERE execution_id = $1", [idOf(fresh)]);
  assert.equal(signals.rows.length, 1);
  const counts = await database.pool.query<{ started: number }>(
    "SELECT sum(started)::int AS started FROM execution_count",
  );
  const executions = await database.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM execution");
  assert.equal(counts.rows[0]!.started, executions.rows[0]!.n, "counted once each");
});
