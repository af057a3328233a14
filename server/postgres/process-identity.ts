import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { codeOf } from "../startup-error.ts";

const run = promisify(execFile);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * When the process started, in words of the system; with the pid it names one process for ever, also after the number was
 * given to another or the machine was booted again. Undefined when there is no such process.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  try {
    if (process.platform !== "linux") return (await run("ps", ["-o", "lstart=", "-p", String(pid)])).stdout.trim();
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // The command in the second field may hold spaces and brackets; the start time is the 20th field after it.
    const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${bootId.trim()} ${startTicks}`;
  } catch {
    return undefined;
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
