import {
  createEngine,
  createHttpClient,
  createMailer,
  DomainError,
  defaultFileLimits,
  defaultProcessingLimits,
  type Engine,
  type EngineLogger,
  type Observer,
} from "../engine/index.ts";
import { type Config, type Logger, StartupError } from "./config/index.ts";
import { openFileStore } from "./file-store.ts";
import { openKeyring } from "./secret-key.ts";

const USER_AGENT = "Stepwire";

/** The engine on this database, as the configuration wants it. `stop` closes what was opened for it as well. */
export async function startEngine(
  config: Config,
  databaseUrl: string,
  logger: Logger,
  observer: Observer,
): Promise<Engine> {
  const http = createHttpClient({ allowPrivate: config.allowPrivateNetwork, userAgent: USER_AGENT });
  // A client of its own: what an operator named as a service is not thereby open to http_request steps.
  const participantHttp = createHttpClient({ allowPrivate: serviceHosts(config.sagaServices), userAgent: USER_AGENT });
  const mailer =
    config.smtpUrl === undefined || config.mailFrom === undefined
      ? null
      : createMailer(config.smtpUrl, config.mailFrom);
  const fileStore = await openFileStore(config);
  const engine = await createEngine({
    databaseUrl,
    databaseLimits: config.databaseLimits,
    concurrency: config.workerConcurrency,
    descendantLimit: config.descendantLimit,
    retention: config.retention,
    environment: config.workflowEnv,
    keyring: await openKeyring(config),
    isOldKeyLost: config.isSecretKeyLost,
    http,
    mailer,
    fileStore,
    fileLimits: {
      ...defaultFileLimits,
      maxUploadBytes: config.uploadMaxBytes,
      processing: { ...defaultProcessingLimits, processes: config.fileWorkers },
      ...(config.fileQuotaBytes !== undefined && { maxTenantBytes: config.fileQuotaBytes }),
    },
    participants: { services: config.sagaServices, http: participantHttp },
    rateLimits: config.rateLimits,
    ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
    worker: config.roles.includes("worker"),
    scheduler: config.roles.includes("scheduler"),
    deliverWebhooks: config.roles.includes("worker"),
    observer,
    log: engineLogger(logger),
  }).catch((error: unknown) => {
    // Such as: another worker holds this database.
    throw error instanceof DomainError ? new StartupError(error.message, error) : error;
  });
  return {
    ...engine,
    stop: async (limitMs) => {
      await engine.stop(limitMs);
      await mailer?.close();
      await http.close();
      await participantHttp.close();
    },
  };
}

/** As the allow-list of the client takes them. */
function serviceHosts(services: ReadonlyMap<string, string>): string[] {
  return [...services.values()].map((address) => {
    const { hostname, port, protocol } = new URL(address);
    return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  });
}

export function engineLogger(logger: Logger): EngineLogger {
  return (level, message, fields) => logger[level === "warning" ? "warn" : level](fields, message);
}
