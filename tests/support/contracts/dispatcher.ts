import assert from "node:assert/strict";
import { after, before, beforeEach, describe, mock, test } from "node:test";
import pg from "pg";
import type { Consumer, Dispatcher } from "../../../engine/dispatch/dispatcher.ts";
import { steadyClock } from "../../../engine/runtime/clock.ts";
import { patiently } from "../../../engine/runtime/patience.ts";
import { type Database, openDatabase } from "../../../engine/store/database.ts";
import { type TestDatabase, testDatabase } from "../postgres.ts";
import { RecordingConsumer } from "../recording-consumer.ts";

/** After so long nothing more is expected to come. */
const QUIET_MS = 60;
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

export interface DispatcherAdapter {
  readonly name: string;
  /** Whether a second worker on the same database is refused. */
  readonly isExclusive: boolean;
  create(database: Database): Dispatcher;
}

/** What every dispatcher does, whatever it is made of. */
export function dispatcherContract(adapter: DispatcherAdapter): void {
  describe(`${adapter.name} dispatcher`, { timeout: 120_000 }, () => {
    let testDb: TestDatabase;
    let database: Database;
    let nextId = 1;
    const started: Dispatcher[] = [];

    before(async () => {
      testDb = await testDatabase();
      database = await openDatabase(testDb.url);
    });
    beforeEach(() => database.pool.query("TRUNCATE execution, execution_signal"));
    after(async () => {
      await database.close();
      await testDb.drop();
    });

    const insert = async (status: string, wakeAt: number | null): Promise<number> => {
      const id = nextId++;
      await database.pool.query(
        `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
           trigger_data, depth, epoch, last_seq, wake_at, created_at)
         VALUES (gen_random_uuid(), $1, 't', 1, 1, $2, 'none', 'manual', '{}', 0, 0, 1, $3, now())`,
        [id, status, wakeAt === null ? null : new Date(wakeAt)],
      );
      return id;
    };
    const start = async (consumer: Consumer): Promise<Dispatcher> => {
      const dispatcher = adapter.create(database);
      started.push(dispatcher);
      await dispatcher.start(consumer);
      return dispatcher;
    };
    /** Runs the body, then stops whatever it started. */
    const behaves = (sentence: string, body: () => Promise<void>): void => {
      test(sentence, async () => {
        try {
          await body();
        } finally {
          for (const dispatcher of started.splice(0)) await dispatcher.stop();
        }
      });
    };

    behaves("hands out at once what is enqueued for now", async () => {
      const consumer = new RecordingConsumer();
      const dispatcher = await start(consumer);
      const ids = [await insert("running", null), await insert("running", null)];
      for (const id of ids) dispatcher.enqueue(id, 0);
      await consumer.given(2);
      assert.deepEqual(consumer.ids.sort(), ids);
    });

    behaves("hands out what is enqueued for later when its time has come, and not before", async () => {
      const consumer = new RecordingConsumer();
      const dispatcher = await start(consumer);
      const at = steadyClock.now() + 120;
      const later = await insert("waiting", at);
      const sooner = await insert("waiting", at - 60);
      dispatcher.enqueue(later, at);
      dispatcher.enqueue(sooner, at - 60);
      // A message may come twice.
      for (let n = 2; consumer.takenAt.size < 2; n++) await consumer.given(n);
      assert.deepEqual(new Set(consumer.ids), new Set([sooner, later]));
      assert.ok(consumer.takenAt.get(sooner)! >= at - 60);
      assert.ok(consumer.takenAt.get(later)! >= at);
    });

    behaves("hands out a time that is stored again and again, each time it comes", async () => {
      const consumer = new RecordingConsumer();
      const dispatcher = await start(consumer);
      const id = await insert("waiting", null);
      for (let round = 1; round <= 3; round++) {
        const at = steadyClock.now() + 15;
        await database.pool.query("UPDATE execution SET wake_at = $2 WHERE id = $1", [id, new Date(at)]);
        dispatcher.enqueue(id, at);
        await consumer.given(round);
        consumer.held.clear();
      }
      assert.deepEqual(consumer.ids, [id, id, id]);
    });

    behaves(
      "finds what nobody told of: a time that had passed when it was stored, and what became runnable",
      async () => {
        mock.timers.enable({ apis: ["setInterval"] });
        try {
          const consumer = new RecordingConsumer();
          const last = await insert("waiting", steadyClock.now() - 1_000);
          await start(consumer);
          await consumer.given(1);
          consumer.held.clear();
          const behind = await insert("waiting", steadyClock.now() - 60_000);
          const runnable = await insert("running", null);
          mock.timers.tick(10_000);
          await consumer.given(4);
          assert.deepEqual(new Set(consumer.ids.slice(1)), new Set([last, behind, runnable]));
        } finally {
          mock.timers.reset();
        }
      },
    );

    behaves("tells whoever holds an execution once of its time, however often it looks", async () => {
      mock.timers.enable({ apis: ["setInterval"] });
      try {
        const id = await insert("waiting", steadyClock.now() - 1_000);
        const consumer = new RecordingConsumer();
        await start(consumer);
        await consumer.given(1);
        mock.timers.tick(10_000);
        await consumer.given(2);
        for (let look = 0; look < 3; look++) {
          mock.timers.tick(10_000);
          await quiet();
        }
        assert.deepEqual(consumer.ids, [id, id]);
      } finally {
        mock.timers.reset();
      }
    });

    behaves("begins with everything that was left unfinished, and nothing that is over or waits", async () => {
      const unfinished = [
        await insert("pending", null),
        await insert("running", Date.now() + 3_600_000),
        await insert("compensating", null),
        await insert("waiting", Date.now() - 1_000),
      ];
      await insert("waiting", Date.now() + 3_600_000);
      for (const status of ["waiting", "paused", "completed", "failed", "timed_out", "cancelled"]) {
        await insert(status, null);
      }
      const signalled = await insert("waiting", null);
      await database.pool.query("INSERT INTO execution_signal (execution_id, data) VALUES ($1, '{}'), ($1, '{}')", [
        signalled,
      ]);
      const consumer = new RecordingConsumer();
      await start(consumer);
      await consumer.given(5);
      await quiet();
      assert.deepEqual(
        [...new Set(consumer.ids)].sort((a, b) => a - b),
        [...unfinished, signalled],
      );
    });

    behaves("finds all of more than a page of unfinished and due executions", async () => {
      await database.pool.query(
        `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
           trigger_data, depth, epoch, last_seq, wake_at, created_at)
         SELECT gen_random_uuid(), $1::bigint + n, 't', 1, 1, CASE n % 2 WHEN 0 THEN 'pending' ELSE 'waiting' END, 'none', 'manual', '{}', 0, 0, 1,
           CASE n % 2 WHEN 0 THEN NULL ELSE now() - interval '1 second' END, now()
         FROM generate_series(0, 2399) AS n`,
        [nextId],
      );
      nextId += 2_400;
      const consumer = new RecordingConsumer(5_000);
      await start(consumer);
      await consumer.given(2_400);
      assert.equal(new Set(consumer.ids).size, 2_400);
    });

    behaves("hands out no more than there is room for, and the rest when room is freed", async () => {
      for (let i = 0; i < 5; i++) await insert("pending", null);
      const consumer = new RecordingConsumer(2);
      const dispatcher = await start(consumer);
      await consumer.given(2);
      await quiet();
      assert.equal(consumer.ids.length, 2);
      consumer.held.clear();
      dispatcher.capacityFreed();
      await consumer.given(4);
      await quiet();
      assert.equal(consumer.ids.length, 4);
      consumer.held.clear();
      dispatcher.capacityFreed();
      await consumer.given(5);
      assert.equal(new Set(consumer.ids).size, 5);
    });

    behaves("hands out by tenant in turn: twenty thousand of one keep another's waiting for one of them", async () => {
      await database.pool.query(
        `INSERT INTO execution (id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
           trigger_data, depth, epoch, last_seq, created_at, uid)
         SELECT i, CASE i WHEN 1020001 THEN 'one' ELSE 'many' END, 1, 1, 'pending', 'none', 'manual', '{}', 0, 0, 1, now(), gen_random_uuid()
         FROM generate_series(1000001, 1020001) AS i`,
      );
      const consumer = new RecordingConsumer(1);
      const dispatcher = await start(consumer);
      await consumer.given(1);
      consumer.held.clear();
      dispatcher.capacityFreed();
      await consumer.given(2);
      assert.deepEqual(consumer.ids, [1_000_001, 1_020_001]);
    });

    behaves("pokes what is in hand already, though there is no room", async () => {
      const id = await insert("running", null);
      const consumer = new RecordingConsumer(1);
      const dispatcher = await start(consumer);
      await consumer.given(1);
      assert.equal(consumer.held.size, consumer.capacity);
      dispatcher.enqueue(id, 0);
      await consumer.given(2);
      assert.deepEqual(consumer.ids, [id, id]);
    });

    behaves("hands out nothing after it was stopped, not even a timer", async () => {
      const consumer = new RecordingConsumer();
      const dispatcher = await start(consumer);
      const at = steadyClock.now() + 20;
      const id = await insert("waiting", at);
      dispatcher.enqueue(id, at);
      await dispatcher.stop();
      dispatcher.enqueue(id, 0);
      await quiet();
      assert.deepEqual(consumer.ids, []);
    });

    behaves("can be stopped twice, and another can start after it", async () => {
      const first = await start(new RecordingConsumer());
      await first.stop();
      await first.stop();
      const id = await insert("pending", null);
      const consumer = new RecordingConsumer();
      await start(consumer);
      await consumer.given(1);
      assert.deepEqual(consumer.ids, [id]);
    });

    if (adapter.isExclusive) {
      behaves("refuses a second worker on the same database and names REDIS_URL", async () => {
        await start(new RecordingConsumer());
        await assert.rejects(start(new RecordingConsumer()), (error: Error) => {
          assert.match(error.message, /REDIS_URL/);
          assert.equal((error as Error & { code?: string }).code, "INVALID_STATE");
          return true;
        });
      });
    }

    behaves("goes on when its connections to Postgres are ended", async () => {
      const consumer = new RecordingConsumer();
      const dispatcher = await start(consumer);
      const admin = new pg.Client({ connectionString: testDb.url });
      await admin.connect();
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
      );
      await admin.end();
      const at = steadyClock.now() + 20;
      const id = await patiently(() => insert("waiting", at));
      dispatcher.enqueue(id, at);
      await consumer.given(1);
      assert.deepEqual(consumer.ids, [id]);
    });
  });
}
