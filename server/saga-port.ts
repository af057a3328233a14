import type { FastifyInstance } from "fastify";
import { createApiServer, type Edge } from "../edge/index.ts";
import type { Engine } from "../engine/index.ts";
import { createSagas, type Sagas } from "../saga/index.ts";
import { createSagaContext, createSagaSchema, type SagaContext } from "../schema/index.ts";
import { type RestOptions, serveSagaRest } from "../web-compat/index.ts";
import type { Config, Logger } from "./config/index.ts";
import { engineLogger } from "./engine.ts";
import { engineApi, type GraphqlApi, type ObserveOperation, serveGraphql } from "./graphql/index.ts";
import { openListener } from "./open-listener.ts";
import type { Shutdown } from "./shutdown.ts";

const LISTENER_CLOSE_LIMIT_MS = 1000;
const HTTP_CLOSE_LIMIT_MS = 5000;
const SAGAS_STOP_LIMIT_MS = 5000;

export interface SagaPort {
  readonly address: string;
  /** From now on it answers requests. */
  open(): Promise<void>;
}

/** The orchestrator on SAGA_PORT. What follows the journal stops before the engine does. */
export async function openSagaPort(
  config: Config,
  engine: Engine,
  logger: Logger,
  shutdown: Shutdown,
  options: RestOptions,
  edge: Edge,
  { prepare, observe }: { prepare(server: FastifyInstance): void; observe: ObserveOperation },
): Promise<SagaPort> {
  const listener = await openListener("SAGA_PORT", config, edge);
  shutdown.register("saga listener", LISTENER_CLOSE_LIMIT_MS, () => listener.close());
  const log = engineLogger(logger);
  const sagas = await createSagas({ engine, log, redisUrl: config.redisUrl, streamPrefix: config.eventStreamPrefix });
  shutdown.register("sagas", SAGAS_STOP_LIMIT_MS, () => sagas.stop());

  const api = createApiServer(logger, listener, config.requestMs);
  shutdown.register("saga api server", HTTP_CLOSE_LIMIT_MS, () => api.close());
  prepare(api);
  await serveSagas(api, sagas, options, { logger, introspection: config.introspection, observe });
  api.addHook("preClose", () => listener.close());
  return { address: listener.address, open: async () => void (await api.ready()) };
}

const example = `query Recent {
  sagas(first: 10) {
    nodes {
      id
      type
      status
      steps { name status attempt }
    }
  }
}
`;

/** Both faces of the orchestrator. */
export async function serveSagas(
  api: FastifyInstance,
  sagas: Sagas,
  options: RestOptions,
  graphql: Pick<GraphqlApi<SagaContext>, "logger" | "introspection" | "observe" | "liveLimits">,
): Promise<void> {
  const { engine } = options;
  await serveSagaRest(api, { ...options, sagas });
  await serveGraphql(api, {
    ...engineApi(engine, graphql.logger),
    schema: createSagaSchema(),
    example,
    createContext: (actor, correlationId) => createSagaContext(engine, sagas, actor, correlationId),
    ...graphql,
  });
}
