import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { StartupError } from "../config/index.ts";

const run = promisify(execFile);

/** The user that Postgres runs as when the service is root; Postgres refuses to run as root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** An account of its own first; `nobody` is on every machine. initdb needs a user that has a name. */
const candidates = ["postgres", "nobody"];

/** Undefined for an ordinary user. An existing cluster keeps its owner, also when root starts what a user has made. */
export async function chooseRunAs(clusterDir: string): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of candidates) {
    const ids = await Promise.all([idOf("-u", name), idOf("-g", name)]).catch(() => undefined);
    if (ids) return { uid: ids[0], gid: ids[1] };
  }
  throw new StartupError(
    "the embedded Postgres cannot run as root, and there is no user postgres or nobody: start the service as an ordinary user, or set DATABASE_URL",
  );
}

async function idOf(flag: "-u" | "-g", name: string): Promise<number> {
  return Number((await run("id", [flag, name])).stdout);
}
