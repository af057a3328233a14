import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The root of the checkout; this file runs from dist/benchmarks/harness. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export const resultsFile = join(repository, "benchmarks", "RESULTS.md");

/** Short hash, with `+dirty` when anything but the results themselves differs from it. */
export async function commit(checkout = repository): Promise<string> {
  try {
    const hash = await git(checkout, "rev-parse", "--short=10", "HEAD");
    const changes = await git(checkout, "status", "--porcelain", "--", ".", ":(exclude)benchmarks/RESULTS.md");
    return changes === "" ? hash : `${hash}+dirty`;
  } catch {
    return "not a git checkout";
  }
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await run("git", args, { cwd })).stdout.trim();
}
