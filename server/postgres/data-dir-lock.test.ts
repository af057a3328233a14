import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { StartupError } from "../startup-error.ts";
import { lockDataDir } from "./data-dir-lock.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stepwire-lock-"));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("a held lock is refused, a released one is free, and nothing is left in the folder", async () => {
  const release = await lockDataDir(dataDir);
  await assert.rejects(lockDataDir(dataDir), (error: unknown) => {
    return error instanceof StartupError && error.message.includes(`process ${process.pid}`);
  });
  await release();
  await (await lockDataDir(dataDir))();
  assert.deepEqual(await readdir(dataDir), []);
});

const stale: readonly [string, string][] = [
  ["whose pid another process has now", JSON.stringify({ pid: process.pid, started: "long ago" })],
  ["of a process that is gone", JSON.stringify({ pid: 2 ** 22 + 1, started: "long ago" })],
  ["that was cut short", '{"pid":'],
];
for (const [what, text] of stale) {
  test(`a lock ${what} is taken over`, async () => {
    await writeFile(join(dataDir, "stepwire.lock"), text);
    await (await lockDataDir(dataDir))();
    assert.deepEqual(await readdir(dataDir), []);
  });
}

test("of many that start on a stale lock at once, one gets it", async () => {
  await writeFile(join(dataDir, "stepwire.lock"), "{}");
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockDataDir(dataDir)));
  assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
});
