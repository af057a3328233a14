import assert from "node:assert/strict";
import { test } from "node:test";
import { testDatabase } from "../../tests/support/postgres.ts";
import { openDatabase } from "./database.ts";

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
