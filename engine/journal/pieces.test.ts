import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type pg from "pg";
import { type TestDatabase, testDatabase } from "../../tests/support/postgres.ts";
import { openConnection } from "../store/connection.ts";
import { encodeArray } from "./binary-array.ts";
import { Pieces, sendsPieces } from "./pieces.ts";

let database: TestDatabase;
let client: pg.Client;
before(async () => {
  database = await testDatabase();
  client = sendsPieces(openConnection({ connectionString: database.url, application_name: "test" }));
  await client.connect();
});
after(async () => {
  await client.end();
  await database.drop();
});

const texts = (elements: readonly (string | null | readonly Buffer[])[]) =>
  encodeArray("text", elements, (element) => element, null);
const long = (letter: string): Buffer[] => Array.from({ length: 200 }, () => Buffer.from(letter.repeat(65_536)));

test("long texts of several columns go piece by piece, and what is beside them as ever", async () => {
  const [first, second] = [texts(["one", null, long("ä"), "ü"]), texts([long("b"), "two", long("c"), null])];
  assert.ok(first instanceof Pieces && second instanceof Pieces);
  const sql = {
    name: "pieces",
    text: `SELECT left(a, 3) AS a, length(a) AS la, left(b, 3) AS b, length(b) AS lb, $2::text AS beside
           FROM unnest($1::text[], $3::text[]) AS t(a, b)`,
    values: [first, "beside", second],
  };
  // Twice: prepared the first time, bound alone the second.
  for (let i = 0; i < 2; i++) {
    const { rows } = await client.query(sql);
    assert.deepEqual(rows, [
      { a: "one", la: 3, b: "bbb", lb: 200 * 65_536, beside: "beside" },
      { a: null, la: null, b: "two", lb: 3, beside: "beside" },
      { a: "äää", la: 200 * 65_536, b: "ccc", lb: 200 * 65_536, beside: "beside" },
      { a: "ü", la: 1, b: null, lb: null, beside: "beside" },
    ]);
  }
  assert.deepEqual((await client.query("SELECT $1::int AS n", [5])).rows, [{ n: 5 }], "the next is not disturbed");
});

test("what Postgres refuses is an error, and the connection goes on", async () => {
  const bad = texts(["{", long("x")]);
  await assert.rejects(client.query("SELECT unnest($1::text[])::json", [bad]), { code: "22P02" });
  assert.deepEqual((await client.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
});

test("no piece is copied on its way to the socket", async () => {
  const piece = Buffer.alloc(1_000_000, "y");
  const written: Buffer[] = [];
  const { stream } = (client as unknown as { connection: { stream: { write(bytes: Buffer): boolean } } }).connection;
  const write = stream.write;
  stream.write = (bytes) => {
    written.push(bytes);
    return write.call(stream, bytes);
  };
  const { rows } = await client.query("SELECT length(t) AS n FROM unnest($1::text[]) AS t", [texts([[piece, piece]])]);
  stream.write = write;
  assert.deepEqual(rows, [{ n: 2_000_000 }]);
  assert.equal(written.filter((bytes) => bytes === piece).length, 2);
  assert.ok(written.every((bytes) => bytes === piece || bytes.length < 1_000));
});
