import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { StartupError } from "../config/index.ts";
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
  ["whose pid another process has now", `stepwire.lock.${process.pid}.long-ago`],
  ["of a process that is gone", `stepwire.lock.${2 ** 22 + 1}.long-ago`],
];
for (const [what, name] of stale) {
  test(`a lock ${what} is taken over`, async () => {
    await writeFile(join(dataDir, name), "");
    await (await lockDataDir(dataDir))();
    assert.deepEqual(await readdir(dataDir), []);
  });
}

test("of several processes that start at once, also over a stale lock, never two get it", async (t) => {
  const contenders = 4;
  const module = new URL("./data-dir-lock.js", import.meta.url).href;
  const script = `
    const { lockDataDir } = await import(process.argv[1]);
    process.on("message", (dataDir) => lockDataDir(dataDir).then(() => process.send("got"), () => process.send("refused")));
    process.send("up");`;
  const children = Array.from({ length: contenders }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", script, module], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    }),
  );
  t.after(() => children.forEach((child) => void child.kill()));
  await Promise.all(children.map((child) => once(child, "message")));
  await writeFile(join(dataDir, `stepwire.lock.${2 ** 22 + 1}.long-ago`), "");
  const answers = children.map((child) => once(child, "message"));
  for (const child of children) child.send(dataDir);
  const got = (await Promise.all(answers)).filter(([answer]) => answer === "got").length;
  assert.ok(got <= 1, `${got} processes hold the lock`);
});
