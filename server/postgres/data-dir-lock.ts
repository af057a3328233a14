import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { codeOf, StartupError } from "../startup-error.ts";
import { startMark } from "./process-identity.ts";

const attempts = 5;
const holderSchema = z.object({ pid: z.int().positive(), started: z.string() });

/**
 * Takes the folder for this process: one service at a time owns the Postgres in it. The lock is a file with the pid and
 * the start time of its holder, so one left by a killed process, or whose pid another process has now, is not obeyed.
 * @returns the release.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const lockFile = join(dataDir, "stepwire.lock");
  const own = join(dataDir, `stepwire.lock.${randomUUID()}`);
  await writeFile(own, JSON.stringify({ pid: process.pid, started: await startMark(process.pid) }), { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        await link(own, lockFile);
        return () => rm(lockFile, { force: true });
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
      }
      await clearStaleLock(lockFile, dataDir);
    }
    throw new StartupError(`DATA_DIR ${dataDir} is contended: several services start on it at once; start one`);
  } finally {
    await rm(own, { force: true });
  }
}

async function clearStaleLock(lockFile: string, dataDir: string): Promise<void> {
  const before = await readFile(lockFile, "utf8").catch(() => undefined);
  if (before === undefined) return;
  await refuseLiveHolder(before, dataDir);
  // Another starter may have replaced the stale file since it was read: look again at what is moved away.
  const moved = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, moved);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await readFile(moved, "utf8")) === before) return await rm(moved, { force: true });
  await rename(moved, lockFile);
}

async function refuseLiveHolder(text: string, dataDir: string): Promise<void> {
  const holder = holderSchema.safeParse(parseJson(text));
  if (!holder.success || (await startMark(holder.data.pid)) !== holder.data.started) return;
  throw new StartupError(
    `DATA_DIR ${dataDir} is in use by another Stepwire (process ${holder.data.pid}): stop that one, or set DATA_DIR to another folder`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
