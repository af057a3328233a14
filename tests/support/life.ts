import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** How one life of a process ended: by a signal when it was killed, also after the limit. It must have had nothing to complain of. */
export async function oneLife(
  program: string,
  life: { readonly directory: string },
  limitMs: number,
): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  const child = spawn(process.execPath, ["--enable-source-maps", program, JSON.stringify(life)], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: limitMs,
    // Dozens of starts: compiled once is a third faster.
    env: { ...process.env, NODE_COMPILE_CACHE: join(life.directory, "compiled") },
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  assert.equal(stderr, "");
  return { code, signal };
}
