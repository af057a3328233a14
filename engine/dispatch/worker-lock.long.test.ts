import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, type TestContext, test } from "node:test";
import pg from "pg";
import { type TestDatabase, testDatabase } from "../../tests/support/postgres.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { clearLease, writeLease } from "../store/worker-lease.ts";
import { WorkerLock } from "./worker-lock.ts";

describe("the worker's lock", { timeout: 60_000 }, () => {
  let testDb: TestDatabase;
  let database: Database;

  before(async () => {
    testDb = await testDatabase();
    database = await openDatabase(testDb.url);
  });
  after(async () => {
    await database.close();
    await testDb.drop();
  });

  const open = (context: TestContext) => {
    const heard = new EventTarget();
    const told: string[] = [];
    const tell = (name: string) => () => {
      told.push(name);
      heard.dispatchEvent(new Event(name));
    };
    const lock = new WorkerLock(testDb.url, () => {}, { held: tell("held"), lost: tell("lost") });
    context.after(() => lock.release());
    return { lock, told, next: (name: string) => once(heard, name) };
  };
  const endSession = () =>
    database.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
      "stepwire-worker-lock",
    ]);

  test("is one's until it is given back, and then the next one's at once", async (context) => {
    const [one, two] = [open(context), open(context)];
    assert.equal(await one.lock.take(), true);
    assert.equal(one.lock.held(), null);
    assert.equal(await two.lock.take(), false);
    assert.equal(two.lock.isHeld, false);
    await one.lock.release();
    assert.equal(await two.lock.take(), true);
  });

  test("is not held from the moment its session ends, and held again when nobody else had it", async (context) => {
    const { lock, told, next } = open(context);
    await lock.take();
    for (let round = 0; round < 3; round++) {
      const back = next("held");
      await endSession();
      while (lock.isHeld) await new Promise(setImmediate);
      await lock.held();
      await back;
      assert.equal(lock.isHeld, true);
    }
    assert.deepEqual(told, Array(4).fill("held"));
  });

  test("another who takes it makes the first let go and stand by, until it is free", async (context) => {
    const one = open(context);
    await one.lock.take();
    const other = new pg.Client({ connectionString: testDb.url });
    await other.connect();
    // It stands in line, and is next before the first can ask again.
    const granted = other.query("SELECT pg_advisory_lock(7306200602)");
    const lost = one.next("lost");
    await endSession();
    await granted;
    const waits = assert.rejects(Promise.resolve(one.lock.held()), { code: "LEASE_LOST" });
    const epoch = await writeLease(other, '["another machine",1,"then"]');
    await lost;
    await waits;
    assert.equal(one.lock.isOthers, true);
    await assert.rejects(Promise.resolve(one.lock.held()), { code: "LEASE_LOST" });
    const back = one.next("held");
    await clearLease(other, epoch);
    await other.end();
    await back;
    assert.deepEqual([one.lock.isOthers, one.lock.held()], [false, null]);
  });

  test("is not believed in when too much time has passed since Postgres answered, by either clock", async (context) => {
    const { lock } = open(context);
    await lock.take();
    for (const clock of [performance, Date] as const) {
      assert.equal(lock.isHeld, true);
      const later = clock.now() + 4_000;
      const passed = context.mock.method(clock, "now", () => later);
      assert.equal(lock.isHeld, false);
      passed.mock.restore();
    }
  });
});
