import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../server/main.js", import.meta.url));

export interface OwnService extends AsyncDisposable {
  readonly address: string;
  /** Of the saga orchestrator. */
  readonly sagaAddress: string;
  readonly apiKey: string;
}

/**
 * Starts a Stepwire as `npm start` does, on free ports and with data of its own under `dataDir`: a service that runs
 * already is not disturbed. `env`: its other variables.
 */
export async function startOwnService(dataDir: string, env: Readonly<Record<string, string>>): Promise<OwnService> {
  const directory = resolve(dataDir);
  const apiKey = await keptKey(directory);
  const service = spawn(process.execPath, ["--enable-source-maps", "--max-semi-space-size=8", main], {
    env: {
      ...process.env,
      PORT: "0",
      SAGA_PORT: "0",
      HOST: "127.0.0.1",
      LOG_LEVEL: "error",
      DATABASE_URL: "",
      REDIS_URL: "",
      ...env,
      DATA_DIR: directory,
      API_KEY: apiKey,
    },
    stdio: ["ignore", "pipe", "inherit"],
    // The terminal's Ctrl-C is for the demo, which stops it in order.
    detached: true,
  });
  const ended = once(service, "exit");
  const address = Promise.withResolvers<string>();
  void ended.then(([code]) => address.reject(new Error(`The service ended with ${code} before it was ready`)));
  let sagaAddress = "";
  createInterface(service.stdout).on("line", (line) => {
    // Told before it is ready.
    sagaAddress ||= /^Sagas are on (\S+)$/.exec(line)?.[1] ?? "";
    const ready = /^Stepwire is ready on (\S+)$/.exec(line);
    if (ready?.[1] !== undefined) address.resolve(ready[1]);
  });
  return {
    address: await address.promise,
    sagaAddress,
    apiKey,
    [Symbol.asyncDispose]: async () => {
      service.kill("SIGTERM");
      await ended;
    },
  };
}

/** The same key at each start, so that `DATA_DIR=… npm start` can be looked around in with it afterwards. */
async function keptKey(directory: string): Promise<string> {
  const path = join(directory, "demo-key");
  const known = await readFile(path, "utf8").catch(() => "");
  if (known !== "") return known;
  const key = `demo_${randomBytes(24).toString("base64url")}`;
  await mkdir(directory, { recursive: true });
  await writeFile(path, key, { mode: 0o600 });
  return key;
}
