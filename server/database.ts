import { openConnection } from "../engine/index.ts";
import { type Config, codeOf, type Logger, StartupError } from "./config/index.ts";
import { startEmbeddedPostgres } from "./postgres/index.ts";
import type { Shutdown } from "./shutdown.ts";

const STOP_LIMIT_MS = 10_000;

/** The address of a database that answers: DATABASE_URL, or else the embedded Postgres, which stops with the service. */
export async function openDatabase(config: Config, logger: Logger, shutdown: Shutdown): Promise<string> {
  if (config.databaseUrl !== undefined) {
    await proveReachable(config.databaseUrl);
    return config.databaseUrl;
  }
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, logger });
  shutdown.register("embedded Postgres", STOP_LIMIT_MS, () => postgres.stop());
  shutdown.onAbandon(() => postgres.stopNow());
  void postgres.ended.then(() => {
    if (shutdown.started) return;
    logger.fatal("embedded Postgres ended unexpectedly; its log is in DATA_DIR/postgres/data/log");
    shutdown.begin("embedded Postgres ended", 1);
  });
  return postgres.databaseUrl;
}

/** @throws StartupError when nobody answers there. */
export async function proveReachable(databaseUrl: string): Promise<void> {
  const client = openConnection({ connectionString: databaseUrl, application_name: "stepwire-start" });
  try {
    await client.connect();
  } catch (error) {
    const { host, port } = client;
    throw new StartupError(
      `DATABASE_URL: no connection to Postgres at ${host}:${port} (${reasonOf(error)}): start that server or correct the variable`,
      error,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.message !== "") return error.message;
  return codeOf(error) ?? String(error);
}
