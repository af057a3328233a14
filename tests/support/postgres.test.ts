import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { type TestDatabase, testDatabase } from "./postgres.ts";

let database: TestDatabase;
let client: pg.Client;

before(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

after(async () => {
  await client.end();
  await database.drop();
});

test("a test database is empty and a suite's own", async () => {
  const other = await testDatabase();
  try {
    assert.notEqual(other.url, database.url);
    const { rows } = await client.query(
      "SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace",
    );
    assert.deepEqual(rows, []);
  } finally {
    await other.drop();
  }
});

test("the server commits with the durability of production", async () => {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[]) ORDER BY name",
    [["fsync", "full_page_writes", "synchronous_commit"]],
  );
  assert.deepEqual(
    rows.map((row) => row.setting),
    ["on", "on", "on"],
  );
});

test("text is UTF-8 with the builtin C.UTF-8 rules", async () => {
  const { rows } = await client.query(
    "SELECT upper('straße é') AS upper, current_setting('server_encoding') AS encoding",
  );
  assert.deepEqual(rows, [{ upper: "STRASSE É".replace("STRASSE", "STRAßE"), encoding: "UTF8" }]);
});
