import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Config, type Logger, StartupError } from "../config/index.ts";
import { proveReachable } from "../database.ts";
import { embeddedPostgresUrl, startEmbeddedPostgres } from "../postgres/index.ts";

/** The service's database: a running one is joined, a stopped embedded one is started for as long as it is needed. */
export async function joinDatabase(
  config: Config,
  logger: Logger,
): Promise<{ readonly databaseUrl: string; close(): Promise<void> }> {
  const nothing = async () => {};
  if (config.databaseUrl !== undefined) {
    await proveReachable(config.databaseUrl);
    return { databaseUrl: config.databaseUrl, close: nothing };
  }
  const { dataDir } = config;
  if (!(await exists(join(dataDir, "postgres")))) {
    throw new StartupError(
      `there is no database under DATA_DIR ${dataDir} yet: start the service once, or set DATABASE_URL or DATA_DIR to where it is`,
    );
  }
  const running = await embeddedPostgresUrl(dataDir);
  if (running !== null) return { databaseUrl: running, close: nothing };
  const postgres = await startEmbeddedPostgres({ dataDir, logger });
  return { databaseUrl: postgres.databaseUrl, close: () => postgres.stop() };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
