import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartupError } from "../config/index.ts";
import { dataDirAsSeenByPostgres } from "./cluster.ts";
import { readPostmasterFile } from "./orphan.ts";
import type { RunAs } from "./run-as.ts";
import { postgresSettings, type Settings } from "./settings.ts";
import { watchOver } from "./watchdog.ts";

const POLL_MS = 5;
/** Recovery after a crash replays at most max_wal_size (1 GB). */
const READY_MS = 120_000;
/** After this an orderly stop is cut short; the next start then recovers from the WAL. */
const FAST_STOP_MS = 8000;
/** The port was taken between finding and binding it, or backends of a killed postmaster are still ending. */
const passingTrouble = /could not create any TCP\/IP sockets|still in use/;
const ATTEMPTS = 20;
const ATTEMPT_DELAY_MS = 250;

export interface Postmaster {
  readonly port: number;
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, a checkpoint is written. */
  stop(): Promise<void>;
  /** Immediate shutdown without waiting; what is committed stays committed. */
  stopNow(): void;
}

export async function startPostmaster(
  postgres: string,
  dataDir: string,
  runAs: RunAs | undefined,
  own: Settings = {},
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const { child, ended, output } = launch(postgres, dataDir, runAs, { ...postgresSettings(port), ...own });
    if (await becomesReady(child, ended, dataDir)) return handleOf(child, ended, port);
    if (attempt === ATTEMPTS || !passingTrouble.test(output())) throw notStarted(dataDir, output());
    await sleep(ATTEMPT_DELAY_MS);
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** What it said before its log collector took over. */
  readonly output: () => string;
}

function launch(postgres: string, dataDir: string, runAs: RunAs | undefined, settings: Settings): Launched {
  const given = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(postgres, ["-D", dataDirAsSeenByPostgres(dataDir, runAs), ...given], {
    ...runAs,
    cwd: dataDir,
    env: { PATH: process.env.PATH },
    // A session of its own: the terminal's Ctrl-C must not reach it before the service is done with it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      text += error.message;
      resolve();
    });
  });
  if (child.pid !== undefined) {
    const release = watchOver(child.pid, runAs);
    void ended.then(release);
  }
  child.unref();
  (child.stderr as Socket).unref();
  return { child, ended, output: () => text };
}

async function becomesReady(child: ChildProcess, ended: Promise<void>, dataDir: string): Promise<boolean> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (const deadline = performance.now() + READY_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    if (isOver) return false;
    const file = await readPostmasterFile(dataDir);
    if (file?.pid === child.pid && file?.isReady) return true;
  }
  child.kill("SIGQUIT");
  return false;
}

function handleOf(child: ChildProcess, ended: Promise<void>, port: number): Postmaster {
  return {
    port,
    ended,
    async stop() {
      child.ref();
      child.kill("SIGINT");
      const cutShort = setTimeout(() => child.kill("SIGQUIT"), FAST_STOP_MS);
      await ended;
      clearTimeout(cutShort);
    },
    stopNow: () => void child.kill("SIGQUIT"),
  };
}

function notStarted(dataDir: string, output: string): StartupError {
  const lastLine =
    output
      .trim()
      .split("\n")
      .findLast((line) => /FATAL|PANIC|error/i.test(line)) ?? output.trim();
  return new StartupError(`the embedded Postgres did not start; its log is in ${join(dataDir, "log")}. ${lastLine}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}
