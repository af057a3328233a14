import assert from "node:assert/strict";
import { mkdtempDisposable, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { it } from "node:test";
import { fileStoreContract } from "../../tests/support/contracts/file-store.ts";
import { createDiskFileStore } from "./disk-store.ts";

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

fileStoreContract("disk", async () => {
  const directory = await mkdtempDisposable(join(tmpdir(), "disk store "));
  return {
    store: await createDiskFileStore({ directory: directory.path }),
    count: async () => (await filesIn(directory.path)).length,
    [Symbol.asyncDispose]: () => directory.remove(),
  };
});

it("is readable by its owner only", { skip: process.platform === "win32" }, async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "disk-store-"));
  const store = await createDiskFileStore({ directory: join(directory.path, "files") });
  await using staged = await store.stage(Readable.from([Buffer.from("secret")]), { maxBytes: 10 });
  await staged.commit();
  await using local = await store.local(staged.key);
  assert.equal((await stat(local.path)).mode & 0o077, 0);
  assert.equal((await stat(join(directory.path, "files"))).mode & 0o077, 0);
});

it("removes on opening what a dead process left in staging, and spares what may be in use", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "disk-store-"));
  await createDiskFileStore({ directory: directory.path });
  await writeFile(join(directory.path, "staging", "abandoned"), "x");
  await utimes(join(directory.path, "staging", "abandoned"), 0, 0);
  await writeFile(join(directory.path, "staging", "recent"), "x");
  await createDiskFileStore({ directory: directory.path });
  assert.deepEqual(await filesIn(directory.path), ["recent"]);
});
