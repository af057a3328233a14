import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { BenchmarkServer } from "./postgres-server.ts";
import type { OpenScenario, Values } from "./scenario.ts";

/** A program that hangs must not hold up the run. */
const LIMIT_MS = 90_000;

/**
 * A scenario that is measured in a process of its own, so that no scenario sees another's heap or compiled code. The
 * program finds an empty database at DATABASE_URL and prints its values as one line of JSON, the last of its output.
 */
export function programScenario(
  name: string,
  program: URL,
  server: BenchmarkServer,
  args: readonly string[] = [],
): OpenScenario {
  return {
    async measure() {
      const database = await server.freshDatabase(name);
      try {
        return await run(name, [fileURLToPath(program), ...args], database.url);
      } finally {
        await database.drop();
      }
    },
    close: async () => {},
  };
}

async function run(name: string, program: readonly string[], databaseUrl: string): Promise<Values> {
  const child = spawn(process.execPath, ["--enable-source-maps", ...program], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", DATABASE_URL: databaseUrl },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? code}: ${stdout.trim()}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Values;
}
