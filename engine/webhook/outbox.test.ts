import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestDatabase, testDatabase } from "../../tests/support/postgres.ts";
import { JournalEntry } from "../journal/entry.ts";
import { Journal } from "../journal/journal.ts";
import type { ExecutionEvent } from "../model/events.ts";
import { type ExecutionId, tenantNamed } from "../model/index.ts";
import { create } from "../model/state.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { NewDelivery } from "./message.ts";
import { claimDue, nextDueAt, pruneSettled, settleAttempt } from "./outbox.ts";
import { RETRY_SECONDS, retryDelayMs } from "./retry-schedule.ts";

const TEST = tenantNamed("test");

let testDb: TestDatabase;
let database: Database;
let journal: Journal;
const published: number[] = [];
before(async () => {
  testDb = await testDatabase();
  database = await openDatabase(testDb.url);
  journal = await Journal.open(testDb.url, {
    published: (_execution, _events, deliveries) => published.push(deliveries),
    runnable: () => {},
    warn: () => {},
  });
});
after(async () => {
  await journal.close();
  await database.close();
  await testDb.drop();
});

const created = (executionId: number): ExecutionEvent => ({
  executionId: executionId as ExecutionId,
  seq: 1,
  type: "execution.created",
  stepId: null,
  at: Date.now(),
  data: {
    tenant_id: TEST,
    workflow_id: 1,
    workflow_version: 1,
    trigger_type: "manual",
    trigger_data: {},
    correlation_id: null,
    idempotency_key: null,
    request_hash: null,
    parent_id: null,
    parent_step_id: null,
    forked_from_id: null,
    depth: 0,
  },
});
const delivery = (executionId: number): NewDelivery => ({
  messageId: `msg_${executionId}`,
  at: Date.now(),
  tenantId: TEST,
  workflowId: executionId,
  workflowVersion: 1,
  executionId,
  eventType: "workflow_completed",
  target: 0,
  url: "https://example.org/",
  payload: `{"b":1, "a": "é\\u0000"}`,
});
const stored = async (executionId: number): Promise<number> =>
  (await database.pool.query("SELECT id FROM webhook_delivery WHERE execution_id = $1", [executionId])).rows.length;

/** Stores an execution with one delivery. */
async function store(id: number): Promise<JournalEntry> {
  const entry = new JournalEntry(create(created(id)), 1, created(id));
  entry.deliver([delivery(id)]);
  journal.changed(entry);
  await entry.committed();
  return entry;
}

test("messages are stored with the event that they tell of, or not at all", async () => {
  const entry = await store(1);
  assert.equal(await stored(1), 1);
  assert.deepEqual(published, [1]);
  const quiet = new JournalEntry(create(created(2)), 1, created(2));
  journal.changed(quiet);
  await quiet.committed();
  assert.deepEqual(published, [1, 0]);

  // Another worker has taken it over: neither the event nor the message gets in.
  await database.pool.query("UPDATE execution SET epoch = epoch + 1 WHERE id = 1");
  entry.record("execution.started", null, { deadline_at: new Date().toISOString() }, Date.now());
  entry.deliver([delivery(1)]);
  journal.changed(entry);
  await assert.rejects(entry.committed(), { code: "LEASE_LOST" });
  assert.equal(await stored(1), 1);
});

const nothing = { workflowIds: [], ids: [] };
const busy = { workflowIds: [4], ids: [] };

test("a claim is for a time; whoever settles late is refused, and the payload comes back byte for byte", async () => {
  await store(3);
  const { pool } = database;
  const claim = async (leaseMs: number) =>
    (await claimDue(pool, 10, leaseMs, nothing, Date.now())).find(({ executionId }) => executionId === 3);
  const first = await claim(0);
  assert.equal(first?.payload, delivery(3).payload);
  assert.equal(first.attempt, 1);
  const second = await claim(60_000);
  assert.equal(second?.attempt, 2);
  assert.equal(await claim(60_000), undefined);

  const done = { status: "delivered", retryMs: null, responseStatus: 200, responseExcerpt: "", error: null } as const;
  assert.equal(await settleAttempt(pool, first, done, Date.now()), false);
  assert.equal(await settleAttempt(pool, second, done, Date.now()), true);
  assert.equal(await settleAttempt(pool, second, done, Date.now()), false);
});

test("a workflow that is busy is passed over, in claims and when asked what is due next", async () => {
  await database.pool.query("DELETE FROM webhook_delivery");
  await store(4);
  const { pool } = database;
  assert.deepEqual(await claimDue(pool, 10, 1_000, busy, Date.now()), []);
  assert.equal(await nextDueAt(pool, busy), null);
  assert.ok((await nextDueAt(pool, nothing))! <= Date.now());
  // In hand and not settled yet: when its lease is over it is not sent again by the same process.
  const [taken] = await claimDue(pool, 10, 0, nothing, Date.now());
  const inHand = { workflowIds: [], ids: [taken!.id] };
  assert.deepEqual(await claimDue(pool, 10, 0, inHand, Date.now()), []);
  assert.equal(await nextDueAt(pool, inHand), null);
  assert.equal((await claimDue(pool, 10, 0, nothing, Date.now())).length, 1);
});

test("settled deliveries go after their time; what waits stays", async () => {
  const { pool } = database;
  await pool.query("DELETE FROM webhook_delivery");
  for (const id of [5, 6, 7]) await store(id);
  await pool.query("UPDATE webhook_delivery SET created_at = now() - interval '60 days'");
  await pool.query(
    "UPDATE webhook_delivery SET due_at = NULL, completed_at = now() - (execution_id * 10 - 25) * interval '1 day' WHERE execution_id <> 7",
  );
  assert.equal(await pruneSettled(pool, 30, 100, Date.now()), 1);
  assert.deepEqual([await stored(5), await stored(6), await stored(7)], [1, 0, 1]);
});

test("ten attempts: the schedule, up to a tenth more, or what the receiver asks for", () => {
  assert.equal(retryDelayMs(RETRY_SECONDS, 1, 0, 0), 5_000);
  assert.equal(retryDelayMs(RETRY_SECONDS, 1, 1, 0), 5_500);
  assert.equal(retryDelayMs(RETRY_SECONDS, 1, 0, 60_000), 60_000);
  assert.equal(retryDelayMs(RETRY_SECONDS, 9, 0, 0), 86_400_000);
  assert.equal(retryDelayMs(RETRY_SECONDS, 10, 0, 60_000), null);
  assert.equal(RETRY_SECONDS.length, 9);
});
