import { join, resolve } from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { StartupError } from "./startup-error.ts";

const roles = ["api", "worker", "scheduler", "saga"] as const;
/** Without Redis one process has them all: who starts an execution must reach who runs it. The saga API is a face only. */
const inseparable = ["api", "worker", "scheduler"] as const;
type Role = (typeof roles)[number];

const metricsAccess = ["open", "key", "off"] as const;
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** Below this a value of WORKFLOW_ENV cannot be masked: it would match by chance all over the output. */
const minMaskableCharacters = 4;
const minApiKeyCharacters = 8;
const bytesPerMegabyte = 1024 * 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

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
  /** REDIS_URL: redis:// or rediss:// address. Absent: in-process bus, local dispatch, limits in memory. */
  readonly redisUrl: string | undefined;
  /** API_KEY: bootstrap admin key, at least 8 characters without spaces. Absent: one is made at first start. */
  readonly apiKey: string | undefined;
  /** ROLES: comma list of api, worker, scheduler, saga. Default: all four. */
  readonly roles: readonly Role[];
  /** WORKER_CONCURRENCY: executions that one process runs at once, 1 to 10000. Default 100. */
  readonly workerConcurrency: number;
  /**
   * FILE_STORE: folder of stored files, or `s3://bucket/prefix`. Default DATA_DIR/files. S3 credentials are found as the AWS
   * tools find them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, profiles, roles).
   */
  readonly fileStore: FileStoreConfig;
  /** ALLOW_PRIVATE_NETWORK: comma list of host names, addresses or CIDRs that http steps may reach. Default: none. */
  readonly allowPrivateNetwork: readonly string[];
  /** WORKFLOW_ENV: comma list of variables that `{{env.X}}` may read, here with their values (4 characters or more). */
  readonly workflowEnv: ReadonlyMap<string, string>;
  /** LOG_LEVEL: fatal, error, warn, info, debug, trace or silent. Default info. */
  readonly logLevel: (typeof logLevels)[number];
  /** RATE_LIMITS: `on`, or `off` for load tests. Default on. */
  readonly rateLimits: boolean;
  /** INTROSPECTION: `on`, or `off` to keep the GraphQL schema to those who have it. Default on. */
  readonly introspection: boolean;
  /** SMTP_URL: smtp:// or smtps:// server for email notifications; needs MAIL_FROM. Absent: email steps fail. */
  readonly smtpUrl: string | undefined;
  /** MAIL_FROM: sender of email notifications, `a@b.org` or `Name <a@b.org>`. */
  readonly mailFrom: string | undefined;
  /** METRICS: who may read /metrics: `open` to all, `key` to those with the scope admin, or `off`. Default open. */
  readonly metrics: (typeof metricsAccess)[number];
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
  /** UPLOAD_MAX_MB: largest file, 1 to 1024 MiB; in bytes here. Default 10 MiB. */
  readonly uploadMaxBytes: number;
  /** FILE_QUOTA_MB: what the files of one tenant may take together, 1 to 999,999,999 MiB; in bytes here. Absent: no limit. */
  readonly fileQuotaBytes: number | undefined;
}

const s3Address = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?(.*)$/;

const commaList = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
}

function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(", ")}` });
}

function urlOf(...schemes: [string, ...string[]]) {
  return z
    .url({
      protocol: new RegExp(`^(${schemes.join("|")})$`),
      error: `must be a ${schemes.map((scheme) => `${scheme}://`).join(" or ")} address`,
    })
    .optional();
}

const serviceName = /^[a-z0-9_.-]{1,100}$/i;

/** `payment=http://127.0.0.1:9001,stock=https://stock.internal/saga` */
const services = commaList
  .transform((items, context) => {
    const found = new Map<string, string>();
    for (const item of items) {
      const [name = "", ...rest] = item.split("=");
      const address = URL.canParse(rest.join("=")) ? new URL(rest.join("=")) : null;
      const isUsable =
        address && /^https?:$/.test(address.protocol) && address.username === "" && address.search === "";
      if (!serviceName.test(name) || !isUsable || found.has(name)) {
        context.addIssue("must be a comma list of name=url, each name once, such as payment=http://127.0.0.1:9001");
      } else found.set(name, address.href.replace(/\/$/, ""));
    }
    return found;
  })
  .default(() => new Map());

const hostName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
const isHostOrCidr = (item: string) => ipaddr.isValid(item) || ipaddr.isValidCIDR(item) || hostName.test(item);

/** Values of the listed variables; they live in the same environment. */
function workflowEnvOf(environment: Environment) {
  return commaList
    .transform((names, context) => {
      const values = new Map<string, string>();
      for (const name of names) {
        const value = environment[name];
        if (value === undefined || value === "") {
          context.addIssue(`lists ${name}, which is not set: set it, or take it off the list`);
        } else if (value.length < minMaskableCharacters) {
          context.addIssue(
            `lists ${name}, whose value is shorter than ${minMaskableCharacters} characters: too short to mask`,
          );
        } else values.set(name, value);
      }
      return values;
    })
    .default(() => new Map());
}

function schemaFor(environment: Environment) {
  return z.object({
    PORT: wholeNumber(0, 65_535).default(8006),
    SAGA_PORT: wholeNumber(0, 65_535).default(8008),
    HOST: z
      .string()
      .refine((host) => ipaddr.isValid(host) || hostName.test(host), { error: "must be an address or a host name" })
      .default("127.0.0.1"),
    DATA_DIR: z.string().default("./.data"),
    DATABASE_URL: urlOf("postgres", "postgresql"),
    REDIS_URL: urlOf("redis", "rediss"),
    API_KEY: z
      .string()
      .regex(new RegExp(`^\\S{${minApiKeyCharacters},}$`), {
        error: `must have at least ${minApiKeyCharacters} characters and no spaces`,
      })
      .optional(),
    ROLES: commaList
      .pipe(z.array(oneOf(roles), { error: "" }).min(1, { error: `must name at least one of ${roles.join(", ")}` }))
      .default([...roles]),
    WORKER_CONCURRENCY: wholeNumber(1, 10_000).default(100),
    FILE_STORE: z
      .string()
      .refine((text) => s3Address.test(text) || !text.includes("://"), {
        error: "must be the path of a folder, or s3://bucket/prefix",
      })
      .optional(),
    S3_ENDPOINT: urlOf("http", "https"),
    S3_REGION: z.string().default("us-east-1"),
    ALLOW_PRIVATE_NETWORK: commaList
      .pipe(
        z.array(z.string().refine(isHostOrCidr, { error: "must be a comma list of host names, addresses or CIDRs" })),
      )
      .default([]),
    WORKFLOW_ENV: workflowEnvOf(environment),
    LOG_LEVEL: oneOf(logLevels).default("info"),
    RATE_LIMITS: oneOf(["on", "off"]).default("on"),
    INTROSPECTION: oneOf(["on", "off"]).default("on"),
    SMTP_URL: urlOf("smtp", "smtps"),
    MAIL_FROM: z
      .string()
      .regex(/^([^\s@<>]+@[^\s@<>]+|[^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>)$/, {
        error: "must be an address such as flows@example.org or Flows <flows@example.org>",
      })
      .optional(),
    UPLOAD_MAX_MB: wholeNumber(1, 1024).default(10),
    FILE_QUOTA_MB: wholeNumber(1, 999_999_999).optional(),
    METRICS: oneOf(metricsAccess).default("open"),
    OTEL_EXPORTER_OTLP_ENDPOINT: urlOf("http", "https"),
    OTEL_SERVICE_NAME: z.string().max(255).default("stepwire"),
    SAGA_SERVICES: services,
    EVENT_STREAM_PREFIX: z
      .string()
      .regex(serviceName, { error: "must have letters, digits, _ . - only" })
      .default("stepwire"),
    SHUTDOWN_DELAY_SECONDS: wholeNumber(0, 8).default(0),
  });
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

type Variables = z.output<ReturnType<typeof schemaFor>>;

/** Rules between variables. */
function conflicts(variables: Variables): string[] {
  const lines: string[] = [];
  if (variables.PORT !== 0 && variables.PORT === variables.SAGA_PORT) {
    lines.push("SAGA_PORT must differ from PORT: both are the same");
  }
  if (variables.SMTP_URL !== undefined && variables.MAIL_FROM === undefined) {
    lines.push("MAIL_FROM must be set when SMTP_URL is: it is the sender of the mail");
  }
  const missing = inseparable.filter((role) => !variables.ROLES.includes(role));
  if (missing.length > 0 && variables.REDIS_URL === undefined) {
    lines.push(
      `REDIS_URL must be set when ROLES leaves out ${missing.join(", ")}: processes find each other through it`,
    );
  }
  return lines;
}

/** @throws StartupError with a line for each wrong variable, all at once. No line repeats a value: some are secrets. */
export function readConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = schemaFor(environment).safeParse(given);
  if (!parsed.success) {
    throw new StartupError([
      ...new Set(parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)),
    ]);
  }
  const variables = parsed.data;
  const lines = conflicts(variables);
  if (lines.length > 0) throw new StartupError(lines);

  const dataDir = resolve(variables.DATA_DIR);
  return Object.freeze({
    port: variables.PORT,
    sagaPort: variables.SAGA_PORT,
    host: variables.HOST,
    dataDir,
    databaseUrl: variables.DATABASE_URL,
    redisUrl: variables.REDIS_URL,
    apiKey: variables.API_KEY,
    roles: Object.freeze([...new Set(variables.ROLES)]),
    workerConcurrency: variables.WORKER_CONCURRENCY,
    fileStore: fileStoreOf(variables, dataDir),
    allowPrivateNetwork: Object.freeze(variables.ALLOW_PRIVATE_NETWORK),
    workflowEnv: variables.WORKFLOW_ENV,
    logLevel: variables.LOG_LEVEL,
    rateLimits: variables.RATE_LIMITS === "on",
    introspection: variables.INTROSPECTION === "on",
    smtpUrl: variables.SMTP_URL,
    mailFrom: variables.MAIL_FROM,
    metrics: variables.METRICS,
    otlpEndpoint: variables.OTEL_EXPORTER_OTLP_ENDPOINT,
    otelServiceName: variables.OTEL_SERVICE_NAME,
    sagaServices: variables.SAGA_SERVICES,
    eventStreamPrefix: variables.EVENT_STREAM_PREFIX,
    shutdownDelayMs: variables.SHUTDOWN_DELAY_SECONDS * 1_000,
    uploadMaxBytes: variables.UPLOAD_MAX_MB * bytesPerMegabyte,
    fileQuotaBytes: variables.FILE_QUOTA_MB === undefined ? undefined : variables.FILE_QUOTA_MB * bytesPerMegabyte,
  });
}
