import {
  createDiskFileStore,
  createEngine,
  createHttpClient,
  createMailer,
  DomainError,
  defaultFileLimits,
  type Engine,
  type EngineLogger,
  type FileStore,
  type Observer,
} from "../engine/index.ts";
import type { Config } from "./config.ts";
import type { Logger } from "./log.ts";
import { codeOf, StartupError } from "./startup-error.ts";

const userAgent = "Stepwire";

/** The engine on this database, as the configuration wants it. `stop` closes what was opened for it as well. */
export async function startEngine(
  config: Config,
  databaseUrl: string,
  logger: Logger,
  observer: Observer,
): Promise<Engine> {
  const http = createHttpClient({ allowPrivate: config.allowPrivateNetwork, userAgent });
  const mailer =
    config.smtpUrl === undefined || config.mailFrom === undefined
      ? null
      : createMailer(config.smtpUrl, config.mailFrom);
  const fileStore = await openFileStore(config.fileStore);
  const engine = await createEngine({
    databaseUrl,
    concurrency: config.workerConcurrency,
    environment: config.workflowEnv,
    http,
    mailer,
    fileStore,
    fileLimits: {
      ...defaultFileLimits,
      maxUploadBytes: config.uploadMaxBytes,
      ...(config.fileQuotaBytes !== undefined && { maxTenantBytes: config.fileQuotaBytes }),
    },
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
    },
  };
}

async function openFileStore(directory: string): Promise<FileStore> {
  try {
    return await createDiskFileStore({ directory });
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new StartupError(`FILE_STORE ${directory} cannot be written (${code}): choose another folder`, error);
  }
}

function engineLogger(logger: Logger): EngineLogger {
  return (level, message, fields) => logger[level === "warning" ? "warn" : level](fields, message);
}
