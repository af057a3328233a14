import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { programScenario } from "./program.ts";
import { repository } from "./repository.ts";
import type { Metric, Scenario } from "./scenario.ts";

const INSTALL_MS = 120_000;

/** Of a folder of `benchmarks/peers`: a package of its own, which `npm ci` of the repository does not install. */
export const peerFolder = (peer: string): string => join(repository, "benchmarks", "peers", peer);

/** A scenario of a peer's own program, `main.js` of its folder. Left out when what it needs cannot be had here. */
export function peerScenario(name: string, peer: string, metrics: readonly Metric[]): Scenario {
  const program = pathToFileURL(join(peerFolder(peer), "main.js"));
  return {
    name,
    metrics,
    open: async (server) => ((await installed(name, peer)) ? programScenario(name, program, server) : null),
  };
}

/** Installs what a peer needs, if it is not there; false when it cannot be had here, with a word on stderr. */
export async function installed(scenario: string, peer: string): Promise<boolean> {
  const folder = peerFolder(peer);
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
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, timeout: INSTALL_MS });
}
