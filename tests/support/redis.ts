import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";

const hasServer = spawnSync("redis-server", ["--version"]).status === 0;

/** Why suites that stop and start Redis cannot run here; false when they can. */
export const skipWithoutRedisServer = hasServer ? false : "there is no redis-server on PATH";
/** Why suites that need Redis cannot run here; false when they can. */
export const skipWithoutRedis =
  hasServer || process.env.REDIS_URL ? false : `${skipWithoutRedisServer}, and no REDIS_URL`;

if (process.env.CI === "true" && skipWithoutRedisServer)
  throw new Error(`CI needs Redis, but ${skipWithoutRedisServer}`);

export interface TestRedis {
  readonly url: string;
  /** Kills it: connections break, and nothing of what it held is left. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  start(): Promise<void>;
  /** It keeps its connections, and answers nothing. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** A Redis of one's own, on a free port. */
export async function testRedis(): Promise<TestRedis> {
  const started = await startAnywhere();
  const { port } = started;
  let { server } = started;
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start: async () => {
      server = await startServer(port);
    },
    pause: () => server.kill("SIGSTOP"),
    resume: () => server.kill("SIGCONT"),
    close: kill,
  };
}

/** For suites that leave Redis alone: one of their own, or that of REDIS_URL. */
export async function anyRedis(): Promise<Pick<TestRedis, "url" | "close">> {
  if (hasServer) return testRedis();
  return { url: process.env.REDIS_URL!, close: async () => {} };
}

/** Below the ports that systems lend to clients: one of those would be taken while the server is down. */
async function startAnywhere(): Promise<{ server: ChildProcess; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = randomInt(20_000, 30_000);
    try {
      return { server: await startServer(port), port };
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

async function startServer(port: number): Promise<ChildProcess> {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise<void>((resolve, reject) => {
    let output = "";
    server.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      if (output.includes("Ready to accept connections")) resolve();
    });
    server.once("exit", () => reject(new Error(`redis-server ended: ${output}`)));
    server.once("error", reject);
  });
  return server;
}
