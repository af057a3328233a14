import { type ChildProcess, spawnSync } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { relative } from "node:path";

/**
 * Ends test files that hang, with all that they started. Node does not: `--test-timeout` fails a test, but the runner
 * waits for ever for a file that loops or keeps a handle open, and `--test-force-exit` would hide what a test leaves
 * behind. To the runner such a file has failed: it was killed.
 */
export class FileWatch {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly children = new Set<ChildProcess>();
  private readonly ended = new Set<string>();

  constructor(
    private readonly limitMs: number,
    private readonly hangs: (file: string) => void,
  ) {
    // The runner shows its processes nowhere else.
    subscribe("child_process", (message) => {
      const { process: child } = message as { process: ChildProcess };
      this.children.add(child);
      child.once("close", () => this.children.delete(child));
    });
  }

  /** Files that have begun and not ended. */
  get running(): string[] {
    return [...this.timers.keys()];
  }

  /** As the runner tells it, which names a file by its path and its tests by theirs. */
  begun(name: string, file: string | undefined): void {
    if (!isFile(name, file) || this.ended.has(name) || this.timers.has(name)) return;
    const timer = setTimeout(() => {
      this.hangs(name);
      this.end(name);
    }, this.limitMs);
    timer.unref();
    this.timers.set(name, timer);
  }

  over(name: string, file: string | undefined): void {
    if (!isFile(name, file)) return;
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
    this.ended.add(name);
  }

  endAll(): void {
    for (const name of this.running) this.end(name);
  }

  private end(name: string): void {
    for (const child of this.children) {
      if (!child.spawnargs?.some((arg) => arg.endsWith(name))) continue;
      for (const pid of [child.pid!, ...descendants(child.pid!)]) kill(pid);
      // Something that it started, and that nobody is the parent of any more, may hold the other ends.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
  }
}

export const isFile = (name: string, file: string | undefined): boolean =>
  file !== undefined && name === relative(process.cwd(), file);

/** None where there is no `ps`. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const pairs = (stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) for (const [child, of] of pairs) if (of === parent) found.push(child!);
  return found.slice(1);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
