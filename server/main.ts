import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { actorOrThrow, createApiServer, createAuthenticate, holdBodies } from "../edge/index.ts";
import { serveRest } from "../web-compat/index.ts";
import { type Config, createLogger, type Logger, readConfig, startupFailureText } from "./config/index.ts";
import { openDatabase } from "./database.ts";
import { startEngine } from "./engine.ts";
import { engineApi, serveGraphql } from "./graphql/index.ts";
import { watchLoop } from "./loop-watch.ts";
import { Metrics, observeGraphql, observeHttp, observeSockets } from "./metrics/index.ts";
import { createObserver } from "./observer.ts";
import { openEdge } from "./open-edge.ts";
import { openListener } from "./open-listener.ts";
import { restOptions } from "./rest-options.ts";
import { openSagaPort, type SagaPort } from "./saga-port.ts";
import { installShutdown, type Shutdown } from "./shutdown.ts";
import { openTracing, type Tracing, traceRequests } from "./tracing/index.ts";

/** Of the last spans, to a receiver that may be away. */
const TRACES_FLUSH_LIMIT_MS = 2_000;
const START_LIMIT_MS = 10_000;
const LISTENER_CLOSE_LIMIT_MS = 1000;
const HTTP_CLOSE_LIMIT_MS = 5000;
/** What running steps may take to end; the rest of the engine's limit is for handing back and closing. */
const ENGINE_FINISH_MS = 6000;
const ENGINE_STOP_LIMIT_MS = 8000;

async function start(config: Config, logger: Logger, shutdown: Shutdown): Promise<void> {
  const metrics = new Metrics();
  const edge = openEdge(config, logger, metrics);
  const listener = await openListener("PORT", config, edge);
  shutdown.register("listener", LISTENER_CLOSE_LIMIT_MS, () => listener.close());
  shutdown.onBegin(() => listener.leave());
  const databaseUrl = await openDatabase(config, logger, shutdown);

  if (shutdown.started) return;
  const tracing = await startTracing(config, shutdown);
  const engine = await startEngine(config, databaseUrl, logger, createObserver(metrics, tracing));
  shutdown.register("engine", ENGINE_STOP_LIMIT_MS, () => engine.stop(ENGINE_FINISH_MS));
  shutdown.onBegin((isFault) => engine.drain(isFault));
  metrics.watch(engine.load, edge);

  const observe = observeGraphql(metrics, tracing);
  let sagaPort: SagaPort | null = null;
  const api = createApiServer(logger, listener, config.requestMs);
  shutdown.register("api server", HTTP_CLOSE_LIMIT_MS, () => api.close());
  observeHttp(api, metrics);
  traceRequests(api, tracing);
  holdBodies(api, engine.memory);
  const authenticate = actorOrThrow(createAuthenticate(engine.keys, edge));
  await serveRest(api, {
    engine,
    authenticate,
    braked: edge.braked.bind(edge),
    ...restOptions(config, metrics, shutdown),
  });
  if (config.roles.includes("api")) {
    observeSockets(api, metrics);
    await serveGraphql(api, engineApi(engine, logger, { introspection: config.introspection, observe }));
  }
  if (config.roles.includes("saga")) {
    const options = { engine, authenticate, ...restOptions(config, metrics, shutdown) };
    const prepare = (server: FastifyInstance) => {
      observeHttp(server, metrics);
      observeSockets(server, metrics);
      traceRequests(server, tracing);
      holdBodies(server, engine.memory);
    };
    sagaPort = await openSagaPort(config, engine, logger, shutdown, options, edge, { prepare, observe });
  }
  // After the hooks that end the WebSockets: the listener would wait for them.
  api.addHook("preClose", () => listener.close());

  if (shutdown.started) return;
  // After what commonly fails, and shown at once: a key whose secret nobody saw would be the only one. Before the doors
  // open: whoever is told that all is ready has a key that works.
  const firstKey = await engine.keys.bootstrap(config.apiKey);
  if (firstKey !== null) process.stdout.write(`Your API key, shown this once: ${firstKey}\n`);
  await sagaPort?.open();
  await api.ready();
  // Not before: the start holds the loop for as long as it takes to make the schemas, and nobody waits for anything else.
  watchLoop(logger, (work, seconds) => metrics.loopHeld(work, seconds));
  shutdown.register("announcement", config.shutdownDelayMs + 1000, () => sleep(config.shutdownDelayMs));
  if (sagaPort !== null) process.stdout.write(`Sagas are on ${sagaPort.address}\n`);
  process.stdout.write(`Stepwire is ready on ${listener.address}\n`);
}

/** Null unless an endpoint is set. */
async function startTracing(config: Config, shutdown: Shutdown): Promise<Tracing | null> {
  if (config.otlpEndpoint === undefined) return null;
  const tracing = await openTracing(config.otlpEndpoint, config.otelServiceName);
  shutdown.register("traces", TRACES_FLUSH_LIMIT_MS, () => tracing.stop());
  return tracing;
}

function fail(error: unknown): void {
  process.stderr.write(startupFailureText(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  // Whoever reads what is printed may go away, which is no fault: to tell of it would fail as well, without end.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const shutdown = installShutdown(logger);
  const started = start(config, logger, shutdown);
  // A stop that is asked for while starting first lets the start settle, and then closes what it has opened.
  shutdown.register("start", START_LIMIT_MS, () => started.catch(() => {}));
  try {
    await started;
  } catch (error) {
    if (!shutdown.started) fail(error);
    shutdown.begin("start failed", 1);
  }
}

await main().catch(fail);
