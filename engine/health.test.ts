import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestDatabase, testDatabase } from "../tests/support/postgres.ts";
import { HealthProbe } from "./health.ts";
import type { JournalHealth } from "./journal/journal.ts";
import { openConnection } from "./store/connection.ts";
import { type Database, openDatabase } from "./store/database.ts";

describe("health", () => {
  let server: TestDatabase;
  let database: Database;
  let journal: { health: JournalHealth };
  let health: HealthProbe;
  before(async () => {
    server = await testDatabase();
    database = await openDatabase(server.url);
  });
  after(async () => {
    await database.close();
    await server.drop();
  });

  const fresh = (url = server.url): HealthProbe => {
    journal = { health: { trouble: null, forMs: 0 } };
    health = new HealthProbe({ url, journal, bus: null, scheduler: { isHealthy: false } });
    return health;
  };

  test("asks Postgres once for all who ask at the same time", async () => {
    fresh();
    const answers = await Promise.all(Array.from({ length: 50 }, () => health.check()));
    assert.deepEqual(answers[49], { database: null, redis: null, scheduler: false });
    await health.close();
  });

  test("tells of a Postgres that is away, and of a table that is locked", async () => {
    assert.equal((await fresh("postgres://127.0.0.1:1/nothing").check()).database, "away");
    const admin = openConnection({ connectionString: server.url, application_name: "test" });
    await admin.connect();
    await admin.query("BEGIN; LOCK TABLE execution");
    assert.equal((await fresh().check()).database, "busy");
    await health.close();
    await admin.end();
  });

  test("follows the journal: what it could not store, and a flush that takes too long", async () => {
    fresh();
    for (const [found, database] of [
      [{ trouble: "full", forMs: 600 }, "full"],
      [{ trouble: null, forMs: 4_000 }, "busy"],
      [{ trouble: null, forMs: 600 }, null],
      [{ trouble: "away", forMs: 100 }, null],
    ] as const) {
      journal.health = found;
      assert.equal((await health.check()).database, database);
    }
    await health.close();
  });

  test("knows that it takes no changes", async () => {
    const name = new URL(server.url).pathname.slice(1);
    await database.pool.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    assert.equal((await fresh().check()).database, "read-only");
    await health.close();
  });
});
