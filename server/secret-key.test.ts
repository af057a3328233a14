import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openKeyring } from "./secret-key.ts";

const PLACE = "execution:1/trigger";

async function folder(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "stepwire-key-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, "data");
}

test("without SECRET_KEY one key is made and kept, for its owner only, whoever starts first", async (context) => {
  const dataDir = await folder(context);
  const config = { dataDir, secretKey: undefined, secretKeyPrevious: [] };
  const rings = await Promise.all(Array.from({ length: 8 }, () => openKeyring(config)));
  assert.equal(new Set(rings.map(({ id }) => id)).size, 1);
  assert.equal((await openKeyring(config)).id, rings[0]?.id);
  assert.deepEqual(await readdir(dataDir), ["secret.key"]);
  assert.equal((await stat(join(dataDir, "secret.key"))).mode & 0o777, 0o600);
  assert.match(await readFile(join(dataDir, "secret.key"), "utf8"), /^[A-Za-z0-9+/]{43}=\n$/);
});

test("with SECRET_KEY none is made, and one that was made before still opens what it sealed", async (context) => {
  const dataDir = await folder(context);
  const secretKey = Buffer.alloc(32, 1);
  const set = await openKeyring({ dataDir, secretKey, secretKeyPrevious: [] });
  await assert.rejects(stat(dataDir), { code: "ENOENT" });
  const made = await openKeyring({ dataDir, secretKey: undefined, secretKeyPrevious: [] });
  const sealed = made.seal("x", PLACE);
  const both = await openKeyring({ dataDir, secretKey, secretKeyPrevious: [Buffer.alloc(32, 2)] });
  assert.deepEqual([both.id, both.open(sealed, PLACE)], [set.id, "x"]);
});

test("a file that holds no key is said to", async (context) => {
  const dataDir = await folder(context);
  await openKeyring({ dataDir, secretKey: undefined, secretKeyPrevious: [] });
  await writeFile(join(dataDir, "secret.key"), "short");
  await assert.rejects(
    openKeyring({ dataDir, secretKey: undefined, secretKeyPrevious: [] }),
    /does not hold a key of 32 bytes/,
  );
});
