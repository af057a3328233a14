import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stopOrphan } from "./orphan.ts";
import { isAlive } from "./process-identity.ts";

async function folder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "stepwire orphan ")));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Stands in for a postmaster: works in the folder and names it on its command line. */
async function workerIn(dataDir: string): Promise<{ child: ChildProcess; pid: number }> {
  const script = "setInterval(() => {}, 1000); console.log('up')";
  const child = spawn(process.execPath, ["-e", script, dataDir], { cwd: dataDir, stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  assert.ok(child.pid !== undefined);
  return { child, pid: child.pid };
}

const postmasterFile = (dataDir: string) => join(dataDir, "postmaster.pid");

test("a Postgres that works in the folder is stopped", async (t) => {
  const dataDir = await folder(t);
  const { child, pid } = await workerIn(dataDir);
  const exited = once(child, "exit");
  await writeFile(postmasterFile(dataDir), `${pid}\n${dataDir}\n`);
  assert.equal(await stopOrphan(dataDir), pid);
  assert.deepEqual(await exited, [null, "SIGINT"]);
});

test("a process that has the pid by chance is left alone, and the stale file goes", async (t) => {
  const dataDir = await folder(t);
  const { child, pid } = await workerIn(await folder(t));
  t.after(() => void child.kill());
  await writeFile(postmasterFile(dataDir), `${pid}\n${dataDir}\n`);
  assert.equal(await stopOrphan(dataDir), undefined);
  assert.ok(isAlive(pid));
  await assert.rejects(access(postmasterFile(dataDir)));
});

test("no file, or one that makes no sense, means that there is no orphan", async (t) => {
  const dataDir = await folder(t);
  assert.equal(await stopOrphan(dataDir), undefined);
  await writeFile(postmasterFile(dataDir), "-1\n");
  assert.equal(await stopOrphan(dataDir), undefined);
});
