import { mkdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { openConnection } from "../../engine/index.ts";
import { codeOf, type Logger, StartupError } from "../config/index.ts";
import { findBinaries } from "./binaries.ts";
import { openOrCreateCluster, SUPERUSER } from "./cluster.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { readPostmasterFile, stopOrphan } from "./orphan.ts";
import { type Postmaster, startPostmaster } from "./postmaster.ts";
import { isAlive, servesDataDir } from "./process-identity.ts";
import { chooseRunAs } from "./run-as.ts";
import type { Settings } from "./settings.ts";

const DATABASE_NAME = "stepwire";
const UNDEFINED_DATABASE = "3D000";

export interface EmbeddedPostgresOptions {
  /** Folder that holds the cluster (in `postgres/`) and the lock; made when missing. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** Beside those of settings.ts, and instead of them. Default none. */
  readonly settings?: Settings;
}

export interface EmbeddedPostgres {
  /** `postgresql://` address with the password in it: not for logs. */
  readonly databaseUrl: string;
  /** Resolves when Postgres has ended, also when nobody asked it to. */
  readonly ended: Promise<void>;
  /** Stops in order and releases the folder; within 10 s. */
  stop(): Promise<void>;
  /** Stops at once, synchronously asked and not waited for. Committed data is whole: the next start recovers it. */
  stopNow(): void;
}

/**
 * A real PostgreSQL under `dataDir`, on a free port of 127.0.0.1 with a random password. Durability is Postgres' default.
 * @throws StartupError when another service has the folder, it cannot be written, or its data cannot be opened.
 */
export async function startEmbeddedPostgres({
  dataDir,
  logger,
  settings = {},
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (process.platform === "win32")
    throw new StartupError("the embedded Postgres runs on Linux and macOS only: set DATABASE_URL");
  const { folder, releaseLock } = await takeFolder(dataDir);
  let postmaster: Postmaster | undefined;
  try {
    const startedAt = performance.now();
    const clusterDir = join(folder, "postgres");
    const runAs = await chooseRunAs(clusterDir);
    const binaries = await findBinaries(runAs);
    const cluster = await openOrCreateCluster(clusterDir, binaries, runAs);
    const orphanPid = await stopOrphan(cluster.dataDir);
    if (orphanPid !== undefined) logger.warn({ orphanPid }, "stopped the Postgres that a killed service had left");

    const running = await startPostmaster(binaries.postgres, cluster.dataDir, runAs, settings);
    postmaster = running;
    const databaseUrl = addressOf(cluster.password, running.port);
    await ensureDatabase(databaseUrl);
    const durationMs = Math.round(performance.now() - startedAt);
    logger.info({ port: running.port, created: cluster.created, durationMs }, "embedded Postgres is ready");
    return {
      databaseUrl,
      ended: running.ended,
      async stop() {
        await running.stop();
        await releaseLock();
      },
      stopNow: running.stopNow,
    };
  } catch (error) {
    await postmaster?.stop();
    await releaseLock();
    throw error;
  }
}

/** The address of the Postgres that a service runs on this folder; null: none does, or it is not ready. */
export async function embeddedPostgresUrl(dataDir: string): Promise<string | null> {
  const clusterDir = join(dataDir, "postgres");
  const running = await readPostmasterFile(join(clusterDir, "data"));
  if (!running?.isReady || !isAlive(running.pid)) return null;
  if (!(await servesDataDir(running.pid, await realpath(join(clusterDir, "data"))))) return null;
  const password = (await readFile(join(clusterDir, "password"), "utf8")).trim();
  return addressOf(password, running.port);
}

function addressOf(password: string, port: number): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE_NAME}`;
}

async function takeFolder(dataDir: string): Promise<{ folder: string; releaseLock: () => Promise<void> }> {
  try {
    // Nobody else on the machine looks into what we make.
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const folder = await realpath(dataDir);
    return { folder, releaseLock: await lockDataDir(folder) };
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof StartupError || code === undefined) throw error;
    throw new StartupError(
      `DATA_DIR ${dataDir} cannot be written (${code}): set DATA_DIR to a folder that this user can write`,
      error,
    );
  }
}

async function ensureDatabase(databaseUrl: string): Promise<void> {
  try {
    await runStatement(databaseUrl, "SELECT 1");
  } catch (error) {
    if (codeOf(error) !== UNDEFINED_DATABASE) throw error;
    const maintenanceUrl = new URL(databaseUrl);
    maintenanceUrl.pathname = "/postgres";
    await runStatement(maintenanceUrl.href, `CREATE DATABASE ${DATABASE_NAME}`);
  }
}

async function runStatement(connectionString: string, statement: string): Promise<void> {
  const client = openConnection({ connectionString, application_name: "stepwire-start" });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
