import { createApiServer } from "./api-server.ts";
import { type Config, readConfig } from "./config.ts";
import { openDatabase } from "./database.ts";
import { listen } from "./listen.ts";
import { createLogger, type Logger } from "./log.ts";
import { installShutdown, type Shutdown } from "./shutdown.ts";
import { startupFailureText } from "./startup-error.ts";

const startLimitMs = 10_000;
const httpCloseLimitMs = 5000;

async function start(config: Config, logger: Logger, shutdown: Shutdown): Promise<void> {
  const databaseUrl = await openDatabase(config, logger, shutdown);

  // COMPOSITION: the engine, the GraphQL and REST faces and the saga server are made here, on `databaseUrl`.
  void databaseUrl;
  const api = createApiServer(logger);
  shutdown.register("api server", httpCloseLimitMs, () => api.close());

  if (shutdown.started) return;
  const address = await listen(api, "PORT", config.host, config.port);
  process.stdout.write(`Stepwire is ready on ${address}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(startupFailureText(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const shutdown = installShutdown(logger);
  const started = start(config, logger, shutdown);
  // A stop that is asked for while starting first lets the start settle, and then closes what it has opened.
  shutdown.register("start", startLimitMs, () => started.catch(() => {}));
  try {
    await started;
  } catch (error) {
    if (!shutdown.started) fail(error);
    shutdown.begin("start failed", 1);
  }
}

await main().catch(fail);
