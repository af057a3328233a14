import { execFile } from "node:child_process";
import { readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { codeOf } from "../config/index.ts";

const run = promisify(execFile);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Whether the process is a Postgres that serves this data directory: it works in that folder. */
export async function servesDataDir(pid: number, realDataDir: string): Promise<boolean> {
  try {
    if (process.platform === "linux") return (await readlink(`/proc/${pid}/cwd`)) === realDataDir;
    return (await run("ps", ["-o", "args=", "-p", String(pid)])).stdout.includes(realDataDir);
  } catch {
    return false;
  }
}
