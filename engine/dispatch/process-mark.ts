import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

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
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Killed, and not yet waited for by its parent.
    if (fields[0] === "Z") return undefined;
    // The command in the second field may hold spaces and brackets; the start time is the 20th field after it.
    return `${bootId.trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Where pids mean the same processes: a machine, or a container of it. */
async function pidSpace(): Promise<string> {
  if (process.platform !== "linux") return hostname();
  return `${hostname()} ${await readlink("/proc/self/ns/pid").catch(() => "")}`;
}

/** Tells this process from every other. */
export async function ownMark(): Promise<string> {
  return JSON.stringify([await pidSpace(), process.pid, await startMark(process.pid)]);
}

/** Whether the process of that mark has certainly ended: false when nobody here can tell. */
export async function hasEnded(mark: string): Promise<boolean> {
  const [space, pid, started] = JSON.parse(mark) as [string, number, string | undefined];
  return space === (await pidSpace()) && (await startMark(pid)) !== started;
}
