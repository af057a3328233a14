import assert from "node:assert/strict";
import { test } from "node:test";
import { testDatabase } from "../../tests/support/postgres.ts";
import { openDatabase } from "../store/database.ts";
import { claimKey } from "./claim-key.ts";
import { KEY_BYTES, Keyring } from "./keyring.ts";

const [a, b, c] = [1, 2, 3].map((fill) => Buffer.alloc(KEY_BYTES, fill)) as [Buffer, Buffer, Buffer];

test("a database is used with the key that it was used with before, or with one that knows it", async (context) => {
  const { url, drop } = await testDatabase();
  const database = await openDatabase(url);
  context.after(async () => {
    await database.close();
    await drop();
  });
  const claim = (keys: readonly [Buffer, ...Buffer[]], isLost = false) =>
    claimKey(database.pool, new Keyring(keys), isLost);
  await Promise.all([claim([a]), claim([a])]);
  await claim([a]);
  await assert.rejects(claim([b]), { code: "INVALID_STATE", message: /SECRET_KEY is not the key/ });
  await claim([b, a]);
  await claim([b]);
  await assert.rejects(claim([a]), /SECRET_KEY is not the key/);
  await claim([c], true);
  await claim([c]);
});
