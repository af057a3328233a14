import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { programScenario } from "../harness/program.ts";
import { repository } from "../harness/repository.ts";
import type { Scenario } from "../harness/scenario.ts";

const folder = join(repository, "benchmarks", "peers", "dbos");
const installMs = 120_000;

/** DBOS Transact on the same Postgres with the same five steps: a checkpoint for each step, as a library in one process. */
export const peers: Scenario = {
  name: "peers",
  metrics: [
    { id: "stepsPerSecond", label: "DBOS, at the best of its concurrencies", unit: "steps/s" },
    { id: "bestInFlight", label: "that concurrency", unit: "workflows" },
    { id: "cpuCores", label: "DBOS, CPU of its process", unit: "cores" },
    { id: "p50Ms", label: "DBOS, a lone workflow of five steps, p50", unit: "ms" },
    { id: "p99Ms", label: "DBOS, a lone workflow of five steps, p99", unit: "ms" },
  ],
  async open(server) {
    try {
      if (!(await isInstalled())) await install();
    } catch (error) {
      console.error(`peers is left out: npm ci in benchmarks/peers/dbos failed (${(error as Error).message})`);
      return null;
    }
    return programScenario("peers", pathToFileURL(join(folder, "main.js")), server);
  },
};

async function isInstalled(): Promise<boolean> {
  const lock = await stat(join(folder, "package-lock.json"));
  const installed = await stat(join(folder, "node_modules", ".package-lock.json")).catch(() => undefined);
  return installed !== undefined && installed.mtimeMs >= lock.mtimeMs;
}

async function install(): Promise<void> {
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, timeout: installMs });
}
