import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createDiskFileStore,
  createEngine,
  createHttpClient,
  type Engine,
  type EngineOptions,
  tenantNamed,
} from "../../engine/index.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";

export const TENANT = tenantNamed("bench");
const STOP_LIMIT_MS = 5000;

/** An engine as the service makes it, without rate limits. */
export async function benchmarkEngine(
  databaseUrl: string,
  options: Partial<EngineOptions> = {},
): Promise<{ engine: Engine; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "stepwire-bench-files-"));
  const http = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "stepwire-bench" });
  const engine = await createEngine({
    databaseUrl,
    concurrency: 100,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http,
    mailer: null,
    fileStore: await createDiskFileStore({ directory }),
    rateLimits: false,
    log: (level, message, fields) => console.error(level, message, fields),
    ...options,
  });
  return {
    engine,
    close: async () => {
      await engine.stop(STOP_LIMIT_MS);
      await http.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
