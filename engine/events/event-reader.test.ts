import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type pg from "pg";
import { type TestDatabase, testDatabase } from "../../tests/support/postgres.ts";
import { type Bus, channels } from "../bus/bus.ts";
import { InProcessBus } from "../bus/in-process-bus.ts";
import type { EventType, ExecutionEvent } from "../model/events.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { readExecutionEvents } from "./event-reader.ts";

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

/** A bus that knows how many listen. */
class CountingBus implements Bus {
  private readonly bus = new InProcessBus();
  listeners = 0;

  publish(channel: string, message: unknown): void {
    this.bus.publish(channel, message);
  }

  async subscribe(channel: string, listener: (message: unknown) => void) {
    const subscription = await this.bus.subscribe(channel, listener);
    this.listeners += 1;
    let listens = true;
    return {
      unsubscribe: () => {
        if (listens) this.listeners -= 1;
        listens = false;
        subscription.unsubscribe();
      },
    };
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}

/** An execution whose events are stored and published by hand, apart from each other. */
class Feed {
  readonly bus = new CountingBus();
  readonly id = nextId++;
  readonly events: ExecutionEvent[] = [];
  /** Called after each query of the reader, before it sees the answer. */
  onQuery: () => Promise<void> | void = () => {};

  static async create(): Promise<Feed> {
    const feed = new Feed();
    await database.pool.query(
      `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
         trigger_data, depth, epoch, last_seq, created_at)
       VALUES (gen_random_uuid(), $1, 't', 1, 1, 'running', 'none', 'manual', '{}', 0, 0, 0, now())`,
      [feed.id],
    );
    return feed;
  }

  async store(count: number, type: EventType = "step.completed"): Promise<void> {
    const first = this.events.length + 1;
    for (let i = 0; i < count; i++) {
      const seq = first + i;
      const data = { name: `n${seq}`, output: null };
      this.events.push({ executionId: this.id, seq, type, stepId: null, data, at: 1 } as unknown as ExecutionEvent);
    }
    const status = type === "execution.completed" ? "completed" : "running";
    await database.pool.query(
      `WITH stored AS (
         INSERT INTO execution_event (execution_id, seq, type, data, at)
         SELECT $1, seq, $4, json_build_object('name', 'n' || seq, 'output', NULL), to_timestamp(0.001)
         FROM generate_series($2::int, $3::int) AS seq
       ) UPDATE execution SET last_seq = $3::int, status = $5 WHERE id = $1`,
      [this.id, first, this.events.length, type, status],
    );
  }

  publish(...seqs: readonly number[]): void {
    for (const seq of seqs) this.bus.publish(channels.execution(this.id), this.events[seq - 1]);
  }

  async both(count: number, type?: EventType): Promise<void> {
    const before = this.events.length;
    await this.store(count, type);
    this.publish(...Array.from({ length: count }, (_, i) => before + i + 1));
  }

  read(after = 0): AsyncIterableIterator<ExecutionEvent> {
    const query = async (config: pg.QueryConfig): Promise<pg.QueryResult> => {
      const result = await database.pool.query(config);
      await this.onQuery();
      return result;
    };
    return readExecutionEvents({ pool: { query } as unknown as pg.Pool, bus: this.bus }, this.id, after);
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function take(reader: AsyncIterableIterator<ExecutionEvent>, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const { value, done } = await reader.next();
    assert.ok(!done, `ended after ${seqs.length} of ${count}`);
    seqs.push(value.seq);
  }
  return seqs;
}

async function rest(reader: AsyncIterableIterator<ExecutionEvent>): Promise<number[]> {
  const seqs: number[] = [];
  for await (const event of reader) seqs.push(event.seq);
  return seqs;
}

test("reads what is stored, goes on with what comes in, and ends with the execution", async () => {
  const feed = await Feed.create();
  await feed.store(3);
  const reader = feed.read();
  assert.deepEqual(await take(reader, 3), [1, 2, 3]);
  const next = take(reader, 1);
  await feed.both(1);
  assert.deepEqual(await next, [4]);
  await feed.both(1, "execution.completed");
  assert.deepEqual(await rest(reader), [5]);
  assert.equal(feed.bus.listeners, 0);
});

test("goes on after a cursor", async () => {
  const feed = await Feed.create();
  await feed.store(4);
  await feed.store(1, "execution.completed");
  assert.deepEqual(await rest(feed.read(2)), [3, 4, 5]);
  assert.deepEqual(await rest(feed.read(5)), [], "after the last event there is nothing to wait for");
  assert.deepEqual(await rest(feed.read(99)), []);
});

test("pages through more than fits into one query", async () => {
  const feed = await Feed.create();
  await feed.store(1_499);
  await feed.store(1, "execution.completed");
  assert.deepEqual(await rest(feed.read()), range(1, 1_500));
});

test("ends at once for an execution that does not exist", async () => {
  const feed = new Feed();
  assert.deepEqual(await rest(feed.read()), []);
});

test("loses nothing that is stored while it reads, and gives nothing twice", async () => {
  const feed = await Feed.create();
  await feed.store(2);
  const reader = feed.read();
  let queries = 0;
  // The query has not seen these any more; their messages come in before it is answered.
  feed.onQuery = () => (queries++ === 0 ? feed.both(2) : undefined);
  assert.deepEqual(await take(reader, 4), [1, 2, 3, 4]);
  await feed.both(1, "execution.completed");
  assert.deepEqual(await rest(reader), [5]);
});

test("reads Postgres again when a message is missing", async () => {
  const feed = await Feed.create();
  await feed.store(1);
  const reader = feed.read();
  await take(reader, 1);
  const next = take(reader, 3);
  await feed.store(3);
  feed.publish(4);
  assert.deepEqual(await next, [2, 3, 4]);
  await reader.return?.();
});

test("gives an event once, though its message comes again, or late", async () => {
  const feed = await Feed.create();
  await feed.store(2);
  const reader = feed.read();
  await take(reader, 2);
  const next = take(reader, 2);
  await feed.store(2);
  feed.publish(1, 2, 3, 3, 2, 4, 4);
  assert.deepEqual(await next, [3, 4]);
  await feed.both(1, "execution.completed");
  feed.publish(4, 5);
  assert.deepEqual(await rest(reader), [5]);
});

test("a reader that is far behind loses nothing", async () => {
  const feed = await Feed.create();
  await feed.store(1);
  const reader = feed.read();
  await take(reader, 1);
  for (let round = 0; round < 40; round++) await feed.both(50);
  assert.deepEqual(await take(reader, 1_000), range(2, 1_001));
  for (let round = 0; round < 40; round++) await feed.both(50);
  await feed.both(1, "execution.completed");
  assert.deepEqual(await rest(reader), range(1_002, 4_002));
});

test("keeps a bounded number of messages for a reader that does not read", async () => {
  const feed = await Feed.create();
  await feed.store(1);
  const reader = feed.read();
  await take(reader, 1);
  const big = "x".repeat(10_000);
  const messages: WeakRef<object>[] = [];
  const registered = Promise.withResolvers<void>();
  for (let seq = 2; seq < 5_000; seq++) {
    const message = { executionId: feed.id, seq, type: "step.completed", data: { name: big, output: null } };
    messages.push(new WeakRef(message));
    feed.bus.publish(channels.execution(feed.id), message);
  }
  setImmediate(registered.resolve);
  await registered.promise;
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  await new Promise((resolve) => setImmediate(resolve));
  (runInNewContext("gc") as () => void)();
  const alive = messages.filter((message) => message.deref() !== undefined).length;
  assert.ok(alive <= 300, `${alive} of ${messages.length} messages are kept`);
  await reader.return?.();
});

test("return() ends a reader that waits, and its subscription", async () => {
  const feed = await Feed.create();
  await feed.store(1);
  const reader = feed.read();
  await take(reader, 1);
  const waiting = reader.next();
  while (feed.bus.listeners === 0) await new Promise((resolve) => setImmediate(resolve));
  const returned = reader.return?.();
  assert.deepEqual(await waiting, { value: undefined, done: true });
  assert.deepEqual(await returned, { value: undefined, done: true });
  assert.equal(feed.bus.listeners, 0);
});

test("return() leaves no subscription, wherever the reader stands", async () => {
  for (const turns of range(0, 30)) {
    const feed = await Feed.create();
    await feed.store(2);
    const reader = feed.read();
    const first = turns === 0 ? null : reader.next();
    for (let turn = 1; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    await reader.return?.();
    await first;
    assert.equal(feed.bus.listeners, 0, `after ${turns} turns`);
    assert.deepEqual(await reader.next(), { value: undefined, done: true });
  }
});

test("goes on past an end that was taken back", async () => {
  const feed = await Feed.create();
  await feed.store(2);
  await feed.store(1, "execution.failed");
  await feed.store(1, "execution.reopened");
  await feed.store(1);
  const reader = feed.read();
  assert.deepEqual(await take(reader, 5), [1, 2, 3, 4, 5]);
  await feed.both(1, "execution.completed");
  assert.deepEqual(await rest(reader), [6]);
});

test("gives every event once and in order, whatever the bus loses, repeats or delays", async () => {
  const actions = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("store" as const), count: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ kind: fc.constant("publish" as const), from: fc.nat(400), count: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ kind: fc.constant("take" as const), count: fc.integer({ min: 1, max: 20 }) }),
    ),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(actions, async (generated) => {
      const feed = await Feed.create();
      const reader = feed.read();
      const seen: number[] = [];
      let taking = Promise.resolve();
      for (const action of generated) {
        if (action.kind === "store") await feed.store(action.count);
        else if (action.kind === "take") {
          taking = taking.then(async () => {
            seen.push(...(await take(reader, action.count)));
          });
          taking.catch(() => {});
        } else feed.publish(...range(action.from, action.from + action.count).filter((seq) => feed.events[seq - 1]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const wanted = generated.reduce((sum, action) => sum + (action.kind === "take" ? action.count : 0), 0);
      await feed.both(wanted + 1);
      await feed.both(1, "execution.completed");
      await taking;
      seen.push(...(await rest(reader)));
      assert.deepEqual(seen, range(1, feed.events.length));
      assert.equal(feed.bus.listeners, 0);
    }),
    { numRuns: 60 },
  );
});
