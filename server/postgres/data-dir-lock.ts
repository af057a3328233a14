import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startMark } from "../../engine/index.ts";
import { codeOf, StartupError } from "../config/index.ts";

/** Two that start at the same moment see each other and both step back; a random pause lets one of them in. */
const ATTEMPTS = 5;
const MAX_PAUSE_MS = 60;

/** `stepwire.lock.<pid>.<start mark>`: the name says it all, so there is no half-written lock. */
const lockName = /^stepwire\.lock\.(\d+)\.(.+)$/;

/**
 * Takes the folder for this process: one service at a time owns the Postgres in it. Each starter first puts down its own
 * file and then looks for others, so of two at least one sees the other. A file whose process is gone, or whose pid
 * another process has now, counts for nothing and is removed; nobody ever removes the file of a living process.
 * @returns the release.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const own = `stepwire.lock.${process.pid}.${await slugOf(process.pid)}`;
  const release = () => rm(join(dataDir, own), { force: true });
  for (let attempt = 1; ; attempt++) {
    await putDown(dataDir, own);
    const holder = await livingHolder(dataDir, own).catch(async (error: unknown) => {
      await release();
      throw error;
    });
    if (holder === undefined) return release;
    await release();
    if (attempt === ATTEMPTS) throw inUse(dataDir, holder);
    await sleep(Math.random() * MAX_PAUSE_MS);
  }
}

async function putDown(dataDir: string, own: string): Promise<void> {
  try {
    await writeFile(join(dataDir, own), "", { flag: "wx", mode: 0o644 });
  } catch (error) {
    throw codeOf(error) === "EEXIST" ? inUse(dataDir, process.pid) : error;
  }
}

/** The pid of another living process that has put its file down. */
async function livingHolder(dataDir: string, own: string): Promise<number | undefined> {
  let holder: number | undefined;
  for (const name of await readdir(dataDir)) {
    const match = lockName.exec(name);
    if (!match || name === own) continue;
    const pid = Number(match[1]);
    if ((await slugOf(pid)) === match[2]) holder = pid;
    else await rm(join(dataDir, name), { force: true });
  }
  return holder;
}

async function slugOf(pid: number): Promise<string | undefined> {
  return (await startMark(pid))?.replaceAll(/[^a-zA-Z0-9]+/g, "-");
}

function inUse(dataDir: string, pid: number): StartupError {
  return new StartupError(
    `DATA_DIR ${dataDir} is in use by another Stepwire (process ${pid}): stop that one, or set DATA_DIR to another folder`,
  );
}
