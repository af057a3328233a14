import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../server/main.js", import.meta.url));
const POLL_MS = 10;
const GONE_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Service {
  readonly process: ChildProcess;
  /** Address of the API once it listens. Rejects when the service ends before that. */
  readonly address: Promise<string>;
  /** Of the orchestrator, once the service is ready; null without the role `saga`. */
  readonly sagaAddress: Promise<string | null>;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

export interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  /** Node's own, before the program. */
  readonly nodeArgs?: readonly string[];
}

/** Of processes that share a database. */
export const SECRET_KEY = Buffer.alloc(32, "key").toString("base64");

/** Starts the built service as users do, in a process of its own, with no variables but PATH and those given. */
export function startService({ env, nodeArgs = [], ...spawnOptions }: ServiceOptions): Service {
  const child = spawn(process.execPath, ["--enable-source-maps", "--max-semi-space-size=8", ...nodeArgs, main], {
    ...spawnOptions,
    env: { PATH: process.env.PATH, PORT: "0", SAGA_PORT: "0", ...(env.ROLES && { SECRET_KEY }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const address = Promise.withResolvers<string>();
  address.promise.catch(() => {});
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    const found = /^Stepwire is ready on (\S+)$/m.exec(stdout)?.[1];
    if (found !== undefined) address.resolve(found);
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const ended = once(child, "close").then(
    ([code]: (number | null)[]): Ended => ({ code: code ?? null, stdout, stderr }),
  );
  void ended.then(({ code }) =>
    address.reject(new Error(`the service ended with ${code} before it was ready: ${stderr}`)),
  );
  const sagaAddress = address.promise.then(() => /^Sagas are on (\S+)$/m.exec(stdout)?.[1] ?? null);
  sagaAddress.catch(() => {});
  return {
    process: child,
    address: address.promise,
    sagaAddress,
    ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** The pid of the embedded Postgres, and its address, from what it and the service wrote under DATA_DIR. */
export async function embeddedPostgresOf(dataDir: string): Promise<{ pid: number; url: string }> {
  const lines = (await readFile(join(dataDir, "postgres", "data", "postmaster.pid"), "utf8")).split("\n");
  const password = (await readFile(join(dataDir, "postgres", "password"), "utf8")).trim();
  return { pid: Number(lines[0]), url: `postgresql://stepwire:${password}@127.0.0.1:${lines[3]}/stepwire` };
}

/** Rejects if the process is still there after a minute. A zombie counts as gone: in a container nobody may reap it. */
export async function processGone(pid: number): Promise<void> {
  for (const deadline = performance.now() + GONE_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (stat.slice(stat.lastIndexOf(")")).startsWith(") Z")) return;
  }
  throw new Error(`process ${pid} is still there`);
}
