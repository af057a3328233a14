import { readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartupError } from "../config/index.ts";
import { isAlive, servesDataDir } from "./process-identity.ts";

const POLL_MS = 10;
/** A fast shutdown writes a checkpoint; on a slow disk that can take a while. */
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 10_000;

/** What Postgres says of itself in its data directory while it runs. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

/** Lines of postmaster.pid: pid, data directory, start time, port, socket folder, address, shared memory, status. */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  const lines = (await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === "ready" };
}

/**
 * Stops a Postgres that a killed service left on this data directory, so that the one started next is always ours, with
 * this release's binaries and settings. Requires the lock of the folder: no living service uses it.
 * @returns the pid that was stopped, if any.
 */
export async function stopOrphan(dataDir: string): Promise<number | undefined> {
  const postmaster = await readPostmasterFile(dataDir);
  if (!postmaster || !isAlive(postmaster.pid)) return undefined;
  const { pid } = postmaster;
  const realDataDir = await realpath(dataDir);
  if (!(await servesDataDir(pid, realDataDir))) {
    // The pid is another process by now. Postgres would take it for a running server and refuse to start.
    await rm(join(dataDir, "postmaster.pid"), { force: true });
    return undefined;
  }
  const hasEnded = async () => !(await servesDataDir(pid, realDataDir));
  if (
    !(await endedAfter(pid, "SIGINT", FAST_STOP_MS, hasEnded)) &&
    !(await endedAfter(pid, "SIGQUIT", IMMEDIATE_STOP_MS, hasEnded))
  ) {
    throw new StartupError(
      `the Postgres of an earlier start (process ${pid}) does not stop: end it with kill -QUIT ${pid}`,
    );
  }
  return pid;
}

/** `hasEnded` asks for more than the pid: that stays taken by a zombie where nothing reaps orphans, as in some containers. */
async function endedAfter(
  pid: number,
  signal: NodeJS.Signals,
  limitMs: number,
  hasEnded: () => Promise<boolean>,
): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours to signal; which of the two shows below.
  }
  for (const deadline = performance.now() + limitMs; performance.now() < deadline; await sleep(POLL_MS)) {
    if (await hasEnded()) return true;
  }
  return false;
}
