import { serveRest } from "../web-compat/index.ts";
import { createApiServer } from "./api-server.ts";
import { requireActor } from "./authentication.ts";
import { type Config, readConfig } from "./config.ts";
import { openDatabase } from "./database.ts";
import { startEngine } from "./engine.ts";
import { engineApi, serveGraphql } from "./graphql/index.ts";
import { listen } from "./listen.ts";
import { createLogger, type Logger } from "./log.ts";
import { installShutdown, type Shutdown } from "./shutdown.ts";
import { startupFailureText } from "./startup-error.ts";

const startLimitMs = 10_000;
const httpCloseLimitMs = 5000;
/** What running steps may take to end; the rest of the engine's limit is for handing back and closing. */
const engineFinishMs = 6000;
const engineStopLimitMs = 8000;

async function start(config: Config, logger: Logger, shutdown: Shutdown): Promise<void> {
  const databaseUrl = await openDatabase(config, logger, shutdown);

  if (shutdown.started) return;
  const engine = await startEngine(config, databaseUrl, logger);
  shutdown.register("engine", engineStopLimitMs, () => engine.stop(engineFinishMs));

  const api = createApiServer(logger);
  shutdown.register("api server", httpCloseLimitMs, () => api.close());
  await serveRest(api, { engine, authenticate: (headers) => requireActor(engine.keys, headers) });
  await serveGraphql(api, engineApi(engine, logger, { introspection: config.introspection }));

  if (shutdown.started) return;
  const address = await listen(api, "PORT", config.host, config.port);
  // After all that can fail: a key whose secret nobody saw would be the only one.
  const firstKey = await engine.keys.bootstrap(config.apiKey);
  if (firstKey !== null) process.stdout.write(`Your API key, shown this once: ${firstKey}\n`);
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
