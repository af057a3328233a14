import ipaddr from "ipaddr.js";
import { z } from "zod";
import { DEFAULT_TENANT, type Grants, type TenantId, tenantNamed } from "../../engine/index.ts";
import { isStrongKey, keyStrengthRule } from "./key-strength.ts";
import { StartupError } from "./startup-error.ts";

const roles = ["api", "worker", "scheduler", "saga"] as const;
/** Without Redis one process has them all: who starts an execution must reach who runs it. The saga API is a face only. */
const inseparable = ["api", "worker", "scheduler"] as const;
export type Role = (typeof roles)[number];

const metricsAccess = ["open", "key", "off"] as const;
export type MetricsAccess = (typeof metricsAccess)[number];
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Below this a value of WORKFLOW_ENV cannot be masked: it would match by chance all over the output. */
const MIN_MASKABLE_CHARACTERS = 4;

export type Environment = Readonly<Record<string, string | undefined>>;

export const s3Address = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?(.*)$/;

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

const secretKeyForm = /^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)$/;
const SECRET_KEY_ERROR = "must be 32 bytes, as base64 or as 64 hex digits: openssl rand -base64 32";

export function toSecretKey(text: string): Buffer {
  return Buffer.from(text, text.length === 64 ? "hex" : "base64");
}

/** A hundred years. */
const MAX_RETENTION_DAYS = 36_500;
const retentionForm = /^(?:(.+)=)?([1-9]\d{0,4})$/;

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

/** `90,acme=30`: of all tenants, and of one for which something else holds. */
const retention = commaList
  .transform((items, context) => {
    let days: number | null = null;
    const daysOfTenants = new Map<TenantId, number>();
    for (const item of items) {
      const [, tenant, number] = retentionForm.exec(item) ?? [];
      const isKnown = tenant === undefined ? days !== null : daysOfTenants.has(tenantNamed(tenant));
      if (number === undefined || Number(number) > MAX_RETENTION_DAYS || isKnown) {
        context.addIssue(`must be days from 1 to ${MAX_RETENTION_DAYS}, for single tenants tenant=days: 90,acme=30`);
      } else if (tenant === undefined) days = Number(number);
      else daysOfTenants.set(tenantNamed(tenant), Number(number));
    }
    return { days, daysOfTenants };
  })
  .default(() => ({ days: null, daysOfTenants: new Map() }));

const hostName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
const isAddressOrCidr = (item: string) => ipaddr.isValid(item) || ipaddr.isValidCIDR(item);
const isHostOrCidr = (item: string) => isAddressOrCidr(item) || hostName.test(item);
const listOf = (what: string, isOne: (item: string) => boolean) =>
  commaList.pipe(z.array(z.string().refine(isOne, { error: `must be a comma list of ${what}` })));
const hostNames = commaList.pipe(
  z.array(z.string().regex(hostName, { error: "must be a comma list of host names, without ports" }).toLowerCase()),
);

/** `NAME`, `tenant:NAME`, `*:NAME`; each may end with `=VARIABLE`. What comes before the last colon is the tenant. */
const grantForm = /^(?:(.+):)?([A-Za-z_]\w*)(?:=([A-Za-z_]\w*))?$/;

/** Values of the granted variables, tenant → name → value; they live in the same environment. */
function workflowEnvOf(environment: Environment) {
  return commaList
    .transform((items, context): Grants => {
      const grants = new Map<TenantId, Map<string, string>>();
      for (const item of items) {
        const [, tenant = DEFAULT_TENANT, name, variable = name] = grantForm.exec(item) ?? [];
        if (name === undefined || variable === undefined) {
          context.addIssue("must be a comma list of NAME, tenant:NAME or *:NAME, each with =VARIABLE or without");
          continue;
        }
        const value = environment[variable];
        if (value === undefined || value === "") {
          context.addIssue(`lists ${variable}, which is not set: set it, or take it off the list`);
        } else if (value.length < MIN_MASKABLE_CHARACTERS) {
          context.addIssue(
            `lists ${variable}, whose value is shorter than ${MIN_MASKABLE_CHARACTERS} characters: too short to mask`,
          );
        } else {
          const tenantId = tenantNamed(tenant);
          grants.set(tenantId, (grants.get(tenantId) ?? new Map()).set(name, value));
        }
      }
      return grants;
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
    REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 300).default(10),
    DATABASE_STATEMENT_TIMEOUT_SECONDS: wholeNumber(1, 300).default(8),
    DATABASE_LOCK_TIMEOUT_SECONDS: wholeNumber(1, 300).default(4),
    REDIS_URL: urlOf("redis", "rediss"),
    ALLOWED_HOSTS: hostNames.default([]),
    TRUSTED_PROXIES: listOf("addresses or CIDRs", isAddressOrCidr).default([]),
    MAX_CONNECTIONS: wholeNumber(10, 1_000_000).default(10_000),
    MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000).optional(),
    FAILED_KEYS_PER_MINUTE: wholeNumber(1, 1_000_000).default(60),
    API_KEY: z.string().refine(isStrongKey, { error: keyStrengthRule }).optional(),
    ROLES: commaList
      .pipe(z.array(oneOf(roles), { error: "" }).min(1, { error: `must name at least one of ${roles.join(", ")}` }))
      .default([...roles]),
    WORKER_CONCURRENCY: wholeNumber(1, 10_000).default(100),
    DESCENDANT_LIMIT: wholeNumber(1, 1_000_000).default(10_000),
    EXECUTION_RETENTION_DAYS: retention,
    FILE_STORE: z
      .string()
      .refine((text) => s3Address.test(text) || !text.includes("://"), {
        error: "must be the path of a folder, or s3://bucket/prefix",
      })
      .optional(),
    S3_ENDPOINT: urlOf("http", "https"),
    S3_REGION: z.string().default("us-east-1"),
    ALLOW_PRIVATE_NETWORK: listOf("host names, addresses or CIDRs", isHostOrCidr).default([]),
    WORKFLOW_ENV: workflowEnvOf(environment),
    SECRET_KEY: z.string().regex(secretKeyForm, { error: SECRET_KEY_ERROR }).transform(toSecretKey).optional(),
    SECRET_KEY_PREVIOUS: commaList
      .refine((items) => items.every((item) => item === "lost" || secretKeyForm.test(item)), {
        error: `${SECRET_KEY_ERROR}; several with commas, or lost`,
      })
      .default([]),
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
    FILE_WORKERS: wholeNumber(1, 16).default(2),
    FILE_QUOTA_MB: wholeNumber(1, 999_999_999).optional(),
    METRICS: oneOf(metricsAccess).optional(),
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

export type Variables = z.output<ReturnType<typeof schemaFor>>;

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
  if (missing.length > 0 && variables.SECRET_KEY === undefined) {
    lines.push(
      `SECRET_KEY must be set when ROLES leaves out ${missing.join(", ")}: all processes seal secrets with one key (openssl rand -base64 32)`,
    );
  }
  return lines;
}

/** @throws StartupError with a line for each wrong variable, all at once. No line repeats a value: some are secrets. */
export function readVariables(environment: Environment): Variables {
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
  return variables;
}
