import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A volume of so many MB, for as long as the work takes. Needs root. */
export async function withVolume(megabytes: number, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "stepwire-volume-"));
  await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0777`, "tmpfs", folder]);
  try {
    await work(folder);
  } finally {
    await run("umount", ["-l", folder]);
    await rm(folder, { recursive: true, force: true });
  }
}
