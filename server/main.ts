import { createApiServer } from "./api-server.ts";
import { readConfig } from "./config.ts";
import { openDatabase } from "./database.ts";
import { listen } from "./listen.ts";
import { createLogger } from "./log.ts";
import { installShutdown, type Shutdown } from "./shutdown.ts";
import { startupFailureText } from "./startup-error.ts";

const httpCloseLimitMs = 5000;

let shutdown: Shutdown | undefined;
try {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  shutdown = installShutdown(logger);
  const databaseUrl = await openDatabase(config, logger, shutdown);

  // The engine, the GraphQL and REST faces and the saga server are created here, on `databaseUrl`.
  void databaseUrl;
  const api = createApiServer(logger);
  shutdown.register("api server", httpCloseLimitMs, () => api.close());

  const address = await listen(api, "PORT", config.host, config.port);
  process.stdout.write(`Stepwire is ready on ${address}\n`);
} catch (error) {
  // A stop that was asked for meanwhile takes away what starting stands on; that is no failure to report.
  if (!shutdown?.started) process.stderr.write(startupFailureText(error));
  if (shutdown) shutdown.begin("start failed", 1);
  else process.exitCode = 1;
}
