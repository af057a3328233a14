import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const installMs = 120_000;

/** Installs what a peer needs, if it is not there; false when it cannot be had here, with a word on stderr. */
export async function installed(scenario: string, folder: string): Promise<boolean> {
  try {
    if (!(await isInstalled(folder))) await install(folder);
    return true;
  } catch (error) {
    console.error(`${scenario} is left out: npm ci in ${folder} failed (${(error as Error).message})`);
    return false;
  }
}

async function isInstalled(folder: string): Promise<boolean> {
  const lock = await stat(join(folder, "package-lock.json"));
  const done = await stat(join(folder, "node_modules", ".package-lock.json")).catch(() => undefined);
  return done !== undefined && done.mtimeMs >= lock.mtimeMs;
}

async function install(folder: string): Promise<void> {
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, timeout: installMs });
}
