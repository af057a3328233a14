import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Migration } from "@mikro-orm/migrations";
import pg from "pg";
import { testDatabase } from "../../tests/support/postgres.ts";
import { checksumOf } from "./checksums.ts";
import { openDatabase } from "./database.ts";
import { migrations } from "./migrations/index.ts";

/** 026-size, had somebody edited it. */
class Edited extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE "execution" ADD COLUMN "size" int NOT NULL DEFAULT 1;`);
  }
}

const allChecksums = () => Object.fromEntries(migrations.map(({ name, class: of }) => [name, checksumOf(of)]));

test("migrating an empty database gives exactly the entities", async (t) => {
  const testDb = await testDatabase();
  t.after(() => testDb.drop());
  const database = await openDatabase(testDb.url);
  t.after(() => database.close());
  assert.equal((await database.orm.schema.getUpdateSchemaSQL()).trim(), "");
});

test("migrating again changes nothing, and two processes may migrate at once", async (t) => {
  const testDb = await testDatabase();
  t.after(() => testDb.drop());
  const [one, two] = await Promise.all([openDatabase(testDb.url), openDatabase(testDb.url)]);
  t.after(() => Promise.all([one.close(), two.close()]));
  const { rows } = await one.pool.query("SELECT name FROM migration ORDER BY name");
  assert.equal(new Set(rows.map((row) => row.name)).size, rows.length);
  assert.deepEqual(await one.orm.migrator.getPending(), []);
});

/** A database on which a process has been, and a connection to it. */
async function migratedDatabase(t: TestContext) {
  const testDb = await testDatabase();
  const start = async () => (await openDatabase(testDb.url)).close();
  await start();
  const client = new pg.Client({ connectionString: testDb.url });
  await client.connect();
  t.after(async () => {
    await client.end();
    await testDb.drop();
  });
  const notedChecksums = async () => {
    const { rows } = await client.query<{ name: string; checksum: string }>("SELECT name, checksum FROM migration");
    return Object.fromEntries(rows.map(({ name, checksum }) => [name, checksum]));
  };
  return { client, start, notedChecksums };
}

test("each migration is noted as it ran, and one that was edited since is refused by name", async (t) => {
  const { client, start, notedChecksums } = await migratedDatabase(t);
  assert.deepEqual(await notedChecksums(), allChecksums());
  await client.query("UPDATE migration SET checksum = $1 WHERE name = '026-size'", [checksumOf(Edited)]);
  await assert.rejects(start(), { code: "INVALID_STATE", message: /^Migration 026-size is not the one/ });
  await client.query("UPDATE migration SET checksum = NULL WHERE name = '026-size'");
  await start();
  assert.deepEqual(await notedChecksums(), allChecksums(), "what was not noted is");
});

test("a database that was migrated before there were checksums works on, and has them then", async (t) => {
  const { client, start, notedChecksums } = await migratedDatabase(t);
  await client.query("ALTER TABLE migration DROP COLUMN checksum");
  await client.query("DELETE FROM migration WHERE name = '034-migration-checksum'");
  await start();
  assert.deepEqual(await notedChecksums(), allChecksums());
});

test("a database that takes no writes, and has all migrations, is opened", async (t) => {
  const { client, start } = await migratedDatabase(t);
  const { rows } = await client.query("SELECT current_database() AS name");
  await client.query(`ALTER DATABASE "${rows[0].name}" SET default_transaction_read_only = on`);
  await start();
});
