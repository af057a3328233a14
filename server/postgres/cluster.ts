import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { codeOf, StartupError } from "../config/index.ts";
import type { PostgresBinaries } from "./binaries.ts";
import type { RunAs } from "./run-as.ts";

const run = promisify(execFile);

export const SUPERUSER = "stepwire";
const PASSWORD_BYTES = 24;
const UNFINISHED_PREFIX = "postgres-unfinished-";

export interface Cluster {
  /** Postgres' own data directory. */
  readonly dataDir: string;
  readonly password: string;
}

/**
 * The path by which Postgres itself opens its data directory. As root, Postgres runs as a user that may be unable to walk
 * to the folder (/root is closed to all others). The working directory is entered before the user is changed, and
 * /proc/self/cwd leads into it without walking.
 */
export function dataDirAsSeenByPostgres(dataDir: string, runAs: RunAs | undefined): string {
  return runAs && process.platform === "linux" ? "/proc/self/cwd" : dataDir;
}

/**
 * Opens the cluster in `clusterDir`, or makes it. It is made beside and moved into place whole, so a start that was
 * killed half-way leaves nothing that looks like a cluster.
 */
export async function openOrCreateCluster(
  clusterDir: string,
  binaries: PostgresBinaries,
  runAs: RunAs | undefined,
): Promise<Cluster & { readonly created: boolean }> {
  const existing = await openCluster(clusterDir, binaries);
  if (existing) return { ...existing, created: false };
  await createCluster(clusterDir, binaries, runAs);
  const made = await openCluster(clusterDir, binaries);
  if (!made) throw new Error(`no cluster in ${clusterDir} after it was made`);
  return { ...made, created: true };
}

async function openCluster(clusterDir: string, binaries: PostgresBinaries): Promise<Cluster | undefined> {
  const dataDir = join(clusterDir, "data");
  try {
    const majorVersion = (await readFile(join(dataDir, "PG_VERSION"), "utf8")).trim();
    if (majorVersion !== binaries.majorVersion)
      throw otherMajorVersion(clusterDir, majorVersion, binaries.majorVersion);
    return { dataDir, password: (await readFile(join(clusterDir, "password"), "utf8")).trim() };
  } catch (error) {
    const code = codeOf(error);
    if (code === "EACCES" || code === "EPERM") {
      throw new StartupError(
        `${clusterDir} belongs to another user: start the service as that user, or give the folder to this one with chown -R`,
        error,
      );
    }
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    const isAbsent = await readdir(clusterDir).then(
      () => false,
      (reason: unknown) => codeOf(reason) === "ENOENT",
    );
    if (isAbsent) return undefined;
    throw new StartupError(
      `${clusterDir} is not a whole Postgres cluster: restore it from a backup, or move it away to begin with an empty one`,
      error,
    );
  }
}

function otherMajorVersion(clusterDir: string, found: string, expected: string): StartupError {
  return new StartupError(
    `the data in ${clusterDir} was made by PostgreSQL ${found}, and this is ${expected}: dump it with the release that made it and restore it here, or set DATABASE_URL to a PostgreSQL ${found} that serves it`,
  );
}

async function createCluster(clusterDir: string, binaries: PostgresBinaries, runAs: RunAs | undefined): Promise<void> {
  const parent = dirname(clusterDir);
  for (const name of await readdir(parent)) {
    if (name.startsWith(UNFINISHED_PREFIX)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const unfinished = await mkdtemp(join(parent, UNFINISHED_PREFIX));
  const dataDir = join(unfinished, "data");
  const passwordFile = join(unfinished, "password");
  try {
    await mkdir(dataDir, { mode: 0o700 });
    await writeFile(passwordFile, `${randomBytes(PASSWORD_BYTES).toString("hex")}\n`, { mode: 0o600 });
    await chmod(unfinished, 0o700);
    if (runAs) for (const path of [unfinished, dataDir, passwordFile]) await chown(path, runAs.uid, runAs.gid);
    await initialise(binaries.initdb, dataDir, runAs);
    // Only initdb needed it: what else runs as that user (`nobody` may be many things) must not read it.
    if (runAs) await chown(passwordFile, process.getuid!(), process.getgid!());
    await rename(unfinished, clusterDir);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** `initdb` keeps its defaults for durability and page checksums; the builtin C.UTF-8 needs no locale of the machine. */
async function initialise(initdb: string, dataDir: string, runAs: RunAs | undefined): Promise<void> {
  const args = [
    `--pgdata=${dataDirAsSeenByPostgres(dataDir, runAs)}`,
    `--username=${SUPERUSER}`,
    "--pwfile=../password",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
  ];
  try {
    await run(initdb, args, { ...runAs, cwd: dataDir, env: { PATH: process.env.PATH } });
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    throw new StartupError(
      `the embedded Postgres could not make its data folder in ${dirname(dirname(dataDir))}: ${output.trim()}`,
      error,
    );
  }
}
