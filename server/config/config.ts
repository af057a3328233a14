import { join, resolve } from "node:path";
import { isLoopback } from "../../edge/index.ts";
import type { DatabaseLimits, Grants, Retention } from "../../engine/index.ts";
import {
  type Environment,
  type LogLevel,
  type MetricsAccess,
  type Role,
  readVariables,
  s3Address,
  toSecretKey,
  type Variables,
} from "./variables.ts";

const BYTES_PER_MEGABYTE = 1024 * 1024;

export type { Environment };

/** Absolute folder; or a bucket, with S3_ENDPOINT (an http address; absent: AWS) and S3_REGION (default us-east-1). */
type FileStoreConfig =
  | { readonly kind: "disk"; readonly directory: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      readonly prefix: string;
      readonly endpoint?: string;
      readonly region: string;
    };

/** The environment, read once. An empty variable counts as not set. */
export interface Config {
  /** PORT: TCP port of the API, 0 to 65535, 0 takes a free one. Default 8006. */
  readonly port: number;
  /** SAGA_PORT: TCP port of the saga API, 0 to 65535, 0 takes a free one; not the same as PORT. Default 8008. */
  readonly sagaPort: number;
  /** HOST: address that both ports listen on. Default 127.0.0.1. */
  readonly host: string;
  /** DATA_DIR: folder of the embedded Postgres and of stored files, made when missing; absolute here. Default ./.data. */
  readonly dataDir: string;
  /** DATABASE_URL: postgres:// address. Absent: embedded Postgres under DATA_DIR. */
  readonly databaseUrl: string | undefined;
  /** REQUEST_TIMEOUT_SECONDS: what a request may wait for the database, then it is 503; 1 to 300. In ms here. Default 10. */
  readonly requestMs: number;
  /**
   * What a statement may take, and of that the wait for a lock. DATABASE_STATEMENT_TIMEOUT_SECONDS: 1 to 300, default 8;
   * DATABASE_LOCK_TIMEOUT_SECONDS: 1 to 300, default 4; in ms here. Migrations and removing what is old have limits of their own.
   */
  readonly databaseLimits: DatabaseLimits;
  /** REDIS_URL: redis:// or rediss:// address. Absent: in-process bus, local dispatch, limits in memory. */
  readonly redisUrl: string | undefined;
  /** ALLOWED_HOSTS: comma list of names that requests may be for, beside addresses and localhost. Default: none on loopback, else any. */
  readonly allowedHosts: readonly string[];
  /** TRUSTED_PROXIES: comma list of addresses or CIDRs whose X-Forwarded-For says where a request comes from. Default: none. */
  readonly trustedProxies: readonly string[];
  /** MAX_CONNECTIONS: of both ports together, 10 to 1,000,000; never more than the process may have open. Default 10000. */
  readonly maxConnections: number;
  /** MAX_CONNECTIONS_PER_ADDRESS: of one address, or one /64 of IPv6; proxies that are trusted have none. Default: half of all. */
  readonly maxConnectionsPerAddress: number | undefined;
  /** FAILED_KEYS_PER_MINUTE: unknown keys of one address, after which more of them are 429, 1 to 1,000,000. Default 60. */
  readonly failedKeysPerMinute: number;
  /** API_KEY: bootstrap admin key, 24 random characters or more (`key-strength.ts`); another value ends it. Absent: one is made at first start. */
  readonly apiKey: string | undefined;
  /** ROLES: comma list of api, worker, scheduler, saga. Default: all four. */
  readonly roles: readonly Role[];
  /**
   * WORKER_CONCURRENCY: executions that compute at once in one process, 1 to 10000. Those that wait for an answer, a time or a
   * person are not among them: memory and sockets bound these. Default 100.
   */
  readonly workerConcurrency: number;
  /** DESCENDANT_LIMIT: executions that one start may lead to, children and events together, 1 to 1000000. Default 10000. */
  readonly descendantLimit: number;
  /**
   * EXECUTION_RETENTION_DAYS: days that executions are kept after their end where their workflow says nothing, 1 to 36500; for
   * single tenants `tenant=days`, with commas. Default: for ever.
   */
  readonly retention: Retention;
  /**
   * FILE_STORE: folder of stored files, or `s3://bucket/prefix`. Default DATA_DIR/files. S3 credentials are found as the AWS
   * tools find them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, profiles, roles).
   */
  readonly fileStore: FileStoreConfig;
  /** ALLOW_PRIVATE_NETWORK: comma list of host names, addresses or CIDRs that http steps may reach. Default: none. */
  readonly allowPrivateNetwork: readonly string[];
  /**
   * WORKFLOW_ENV: comma list of variables that `{{env.X}}` may read: `NAME` for the tenant default, `tenant:NAME` for another,
   * `*:NAME` for all; `NAME=VARIABLE` when the variable has another name. Here tenant → name → value (4 characters or more).
   */
  readonly workflowEnv: Grants;
  /** SECRET_KEY: 32 bytes, as base64 or 64 hex digits, that secret values are encrypted with. Absent: DATA_DIR/secret.key. */
  readonly secretKey: Buffer | undefined;
  /** SECRET_KEY_PREVIOUS: comma list of keys that were SECRET_KEY before; they open what they sealed. */
  readonly secretKeyPrevious: readonly Buffer[];
  /** SECRET_KEY_PREVIOUS holds `lost`: the key before is gone, and what it sealed is given up. */
  readonly isSecretKeyLost: boolean;
  /** LOG_LEVEL: fatal, error, warn, info, debug, trace or silent. Default info. */
  readonly logLevel: LogLevel;
  /** RATE_LIMITS: `on`, or `off` for load tests. Default on. */
  readonly rateLimits: boolean;
  /** INTROSPECTION: `on`, or `off` to keep the GraphQL schema to those who have it. Default on. */
  readonly introspection: boolean;
  /** SMTP_URL: smtp:// or smtps:// server for email notifications; needs MAIL_FROM. Absent: email steps fail. */
  readonly smtpUrl: string | undefined;
  /** MAIL_FROM: sender of email notifications, `a@b.org` or `Name <a@b.org>`. */
  readonly mailFrom: string | undefined;
  /** METRICS: who may read /metrics: `open` to all, `key` to those with the scope admin, or `off`. Default open on loopback, else key. */
  readonly metrics: MetricsAccess;
  /** OTEL_EXPORTER_OTLP_ENDPOINT: http(s):// address of an OTLP receiver, without `/v1/traces`. Absent: no traces. */
  readonly otlpEndpoint: string | undefined;
  /** OTEL_SERVICE_NAME: what the service is called in traces. Default stepwire. */
  readonly otelServiceName: string;
  /** SAGA_SERVICES: comma list of name=url, the participants of sagas; reached wherever they are. Default: none. */
  readonly sagaServices: ReadonlyMap<string, string>;
  /** EVENT_STREAM_PREFIX: what the names of Redis Streams of domain events begin with. Default stepwire. */
  readonly eventStreamPrefix: string;
  /** SHUTDOWN_DELAY_SECONDS: how long requests are still taken after SIGTERM, while /ready says 503; 0 to 8. In ms here. Default 0. */
  readonly shutdownDelayMs: number;
  /** FILE_WORKERS: child processes that read files, and as many that recognise text, 1 to 16. Default 2. */
  readonly fileWorkers: number;
  /** UPLOAD_MAX_MB: largest file, 1 to 1024 MiB; in bytes here. Default 10 MiB. */
  readonly uploadMaxBytes: number;
  /** FILE_QUOTA_MB: what the files of one tenant may take together, 1 to 999,999,999 MiB; in bytes here. Absent: no limit. */
  readonly fileQuotaBytes: number | undefined;
}

function fileStoreOf(
  { FILE_STORE: store, S3_ENDPOINT: endpoint, S3_REGION: region }: Variables,
  dataDir: string,
): FileStoreConfig {
  if (store === undefined) return { kind: "disk", directory: join(dataDir, "files") };
  const [, bucket, folder = ""] = s3Address.exec(store) ?? [];
  if (bucket === undefined) return { kind: "disk", directory: resolve(store) };
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  return { kind: "s3", bucket, prefix, region, ...(endpoint !== undefined && { endpoint }) };
}

/** @throws StartupError as `readVariables` does. */
export function readConfig(environment: Environment): Config {
  const variables = readVariables(environment);
  const dataDir = resolve(variables.DATA_DIR);
  return Object.freeze({
    port: variables.PORT,
    sagaPort: variables.SAGA_PORT,
    host: variables.HOST,
    dataDir,
    databaseUrl: variables.DATABASE_URL,
    requestMs: variables.REQUEST_TIMEOUT_SECONDS * 1_000,
    databaseLimits: {
      statementMs: variables.DATABASE_STATEMENT_TIMEOUT_SECONDS * 1_000,
      lockMs: variables.DATABASE_LOCK_TIMEOUT_SECONDS * 1_000,
    },
    redisUrl: variables.REDIS_URL,
    allowedHosts: Object.freeze(variables.ALLOWED_HOSTS),
    trustedProxies: Object.freeze(variables.TRUSTED_PROXIES),
    maxConnections: variables.MAX_CONNECTIONS,
    maxConnectionsPerAddress: variables.MAX_CONNECTIONS_PER_ADDRESS,
    failedKeysPerMinute: variables.FAILED_KEYS_PER_MINUTE,
    apiKey: variables.API_KEY,
    roles: Object.freeze([...new Set(variables.ROLES)]),
    workerConcurrency: variables.WORKER_CONCURRENCY,
    descendantLimit: variables.DESCENDANT_LIMIT,
    retention: variables.EXECUTION_RETENTION_DAYS,
    fileStore: fileStoreOf(variables, dataDir),
    allowPrivateNetwork: Object.freeze(variables.ALLOW_PRIVATE_NETWORK),
    workflowEnv: variables.WORKFLOW_ENV,
    secretKey: variables.SECRET_KEY,
    secretKeyPrevious: Object.freeze(variables.SECRET_KEY_PREVIOUS.filter((item) => item !== "lost").map(toSecretKey)),
    isSecretKeyLost: variables.SECRET_KEY_PREVIOUS.includes("lost"),
    logLevel: variables.LOG_LEVEL,
    rateLimits: variables.RATE_LIMITS === "on",
    introspection: variables.INTROSPECTION === "on",
    smtpUrl: variables.SMTP_URL,
    mailFrom: variables.MAIL_FROM,
    metrics: variables.METRICS ?? (isLoopback(variables.HOST) ? "open" : "key"),
    otlpEndpoint: variables.OTEL_EXPORTER_OTLP_ENDPOINT,
    otelServiceName: variables.OTEL_SERVICE_NAME,
    sagaServices: variables.SAGA_SERVICES,
    eventStreamPrefix: variables.EVENT_STREAM_PREFIX,
    shutdownDelayMs: variables.SHUTDOWN_DELAY_SECONDS * 1_000,
    fileWorkers: variables.FILE_WORKERS,
    uploadMaxBytes: variables.UPLOAD_MAX_MB * BYTES_PER_MEGABYTE,
    fileQuotaBytes: variables.FILE_QUOTA_MB === undefined ? undefined : variables.FILE_QUOTA_MB * BYTES_PER_MEGABYTE,
  });
}
