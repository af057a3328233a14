import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { type Environment, readConfig } from "./config.ts";
import { StartupError } from "./startup-error.ts";

function linesOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof StartupError) return error.lines;
    throw error;
  }
  return [];
}

describe("configuration", () => {
  test("an empty environment gives the documented defaults, frozen", () => {
    const config = readConfig({});
    assert.deepEqual(config, {
      port: 8006,
      sagaPort: 8008,
      host: "127.0.0.1",
      dataDir: resolve(".data"),
      databaseUrl: undefined,
      requestMs: 10_000,
      databaseLimits: { statementMs: 8_000, lockMs: 4_000 },
      redisUrl: undefined,
      allowedHosts: [],
      trustedProxies: [],
      maxConnections: 10_000,
      maxConnectionsPerAddress: undefined,
      failedKeysPerMinute: 60,
      apiKey: undefined,
      roles: ["api", "worker", "scheduler", "saga"],
      workerConcurrency: 100,
      descendantLimit: 10_000,
      retention: { days: null, daysOfTenants: new Map() },
      fileStore: { kind: "disk", directory: resolve(".data/files") },
      allowPrivateNetwork: [],
      workflowEnv: new Map(),
      secretKey: undefined,
      secretKeyPrevious: [],
      isSecretKeyLost: false,
      logLevel: "info",
      rateLimits: true,
      introspection: true,
      smtpUrl: undefined,
      mailFrom: undefined,
      fileWorkers: 2,
      uploadMaxBytes: 10 * 1024 * 1024,
      metrics: "open",
      otlpEndpoint: undefined,
      otelServiceName: "stepwire",
      sagaServices: new Map(),
      eventStreamPrefix: "stepwire",
      shutdownDelayMs: 0,
      fileQuotaBytes: undefined,
    });
    assert.ok(Object.isFrozen(config));
  });

  test("an empty variable counts as not set", () => {
    assert.deepEqual(readConfig({ PORT: "", DATABASE_URL: "", ROLES: "", WORKFLOW_ENV: "" }), readConfig({}));
  });

  test("lists are split, trimmed and without repetition", () => {
    const config = readConfig({
      ROLES: "worker, api,worker",
      REDIS_URL: "redis://127.0.0.1:6379",
      SECRET_KEY: "0f".repeat(32),
      ALLOW_PRIVATE_NETWORK: "10.0.0.0/8, ::1 ,api.internal.com",
    });
    assert.deepEqual(config.roles, ["worker", "api"]);
    assert.deepEqual(config.allowPrivateNetwork, ["10.0.0.0/8", "::1", "api.internal.com"]);
  });

  test("EXECUTION_RETENTION_DAYS is of all tenants, and of single ones", () => {
    const { retention } = readConfig({ EXECUTION_RETENTION_DAYS: "90, acme=30,big=corp=365" });
    assert.deepEqual(retention, {
      days: 90,
      daysOfTenants: new Map([
        ["acme", 30],
        ["big=corp", 365],
      ]),
    });
    assert.equal(readConfig({ EXECUTION_RETENTION_DAYS: "acme=30" }).retention.days, null);
    for (const wrong of ["0", "36501", "1.5", "ninety", "acme=", "90,80", "acme=1,acme=2"]) {
      assert.throws(() => readConfig({ EXECUTION_RETENTION_DAYS: wrong }), /EXECUTION_RETENTION_DAYS must be days/);
    }
  });

  test("WORKFLOW_ENV resolves names to values", () => {
    const config = readConfig({ WORKFLOW_ENV: "TOKEN,REGION", TOKEN: "s3cret", REGION: "eu-1", OTHER: "unlisted" });
    const values = new Map([
      ["TOKEN", "s3cret"],
      ["REGION", "eu-1"],
    ]);
    assert.deepEqual(config.workflowEnv, new Map([["default", values]]));
  });

  test("WORKFLOW_ENV grants a name to one tenant or to all, under a name of its own or not", () => {
    const config = readConfig({
      WORKFLOW_ENV: "TOKEN, acme:TOKEN=ACME_TOKEN, beta:x:TOKEN, *:REGION",
      TOKEN: "s3cret",
      ACME_TOKEN: "of-acme",
      REGION: "eu-1",
    });
    assert.deepEqual(
      config.workflowEnv,
      new Map([
        ["default", new Map([["TOKEN", "s3cret"]])],
        ["acme", new Map([["TOKEN", "of-acme"]])],
        ["beta:x", new Map([["TOKEN", "s3cret"]])],
        ["*", new Map([["REGION", "eu-1"]])],
      ]),
    );
    for (const wrong of [":TOKEN", "a b", "acme:", "TOKEN=", "acme:TOKEN=x-y"]) {
      assert.match(
        linesOf({ WORKFLOW_ENV: wrong, TOKEN: "s3cret" })[0] ?? "",
        /^WORKFLOW_ENV must be a comma list/,
        wrong,
      );
    }
  });

  test("SAGA_SERVICES gives each service its address", () => {
    const { sagaServices } = readConfig({
      SAGA_SERVICES: "payment=http://127.0.0.1:9001/, stock=https://s.example/x=1",
    });
    assert.deepEqual(
      [...sagaServices],
      [
        ["payment", "http://127.0.0.1:9001"],
        ["stock", "https://s.example/x=1"],
      ],
    );
    for (const wrong of ["payment", "=http://a", "a=ftp://b", "a=http://b,a=http://c", "a=http://u:p@b"]) {
      assert.match(linesOf({ SAGA_SERVICES: wrong })[0]!, /^SAGA_SERVICES must be a comma list of name=url/, wrong);
    }
  });

  test("a listed name that is not set, and one too short to mask, are each named", () => {
    assert.deepEqual(linesOf({ WORKFLOW_ENV: "MISSING,PIN", PIN: "123" }), [
      "WORKFLOW_ENV lists MISSING, which is not set: set it, or take it off the list",
      "WORKFLOW_ENV lists PIN, whose value is shorter than 4 characters: too short to mask",
    ]);
  });

  test("every wrong variable has a line, all at once", () => {
    assert.deepEqual(linesOf({ PORT: "http", RATE_LIMITS: "maybe", ROLES: "api,cook,chef", UPLOAD_MAX_MB: "0" }), [
      "PORT must be a whole number from 0 to 65535",
      "ROLES must be one of api, worker, scheduler, saga",
      "RATE_LIMITS must be one of on, off",
      "UPLOAD_MAX_MB must be a whole number from 1 to 1024",
    ]);
  });

  const wrong: readonly [string, string][] = [
    ["PORT", "65536"],
    ["PORT", "1e3"],
    ["PORT", "-1"],
    ["SAGA_PORT", "8006"],
    ["HOST", "not a host"],
    ["DATABASE_URL", "mysql://db.example.org/x"],
    ["DATABASE_URL", "db.example.org"],
    ["REDIS_URL", "http://cache.example.org"],
    ["API_KEY", "short"],
    ["API_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ["API_KEY", "with spaces in it"],
    ["ROLES", ","],
    ["WORKER_CONCURRENCY", "0"],
    ["FILE_STORE", "gs://bucket"],
    ["ALLOW_PRIVATE_NETWORK", "10.0.0.0/64"],
    ["LOG_LEVEL", "loud"],
    ["MAIL_FROM", "nobody"],
    ["METRICS", "maybe"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["SHUTDOWN_DELAY_SECONDS", "60"],
  ];
  for (const [name, value] of wrong) {
    test(`${name}=${value} is refused with one line that names the variable`, () => {
      const lines = linesOf({ [name]: value });
      assert.equal(lines.length, 1);
      assert.ok(lines[0]?.startsWith(`${name} must `), lines[0]);
    });
  }

  test("a split without Redis is refused with one line that names the variable", () => {
    assert.deepEqual(linesOf({ ROLES: "api,saga" }), [
      "REDIS_URL must be set when ROLES leaves out worker, scheduler: processes find each other through it",
      "SECRET_KEY must be set when ROLES leaves out worker, scheduler: all processes seal secrets with one key (openssl rand -base64 32)",
    ]);
    const SECRET_KEY = Buffer.alloc(32).toString("base64");
    assert.deepEqual(linesOf({ ROLES: "worker", REDIS_URL: "redis://127.0.0.1", SECRET_KEY }), []);
    assert.deepEqual(linesOf({ ROLES: "api,worker,scheduler" }), []);
  });

  test("SECRET_KEY is 32 bytes in either form, and what was it before is a list", () => {
    const [hex, base64] = ["ab".repeat(32), Buffer.alloc(32, 1).toString("base64")];
    const config = readConfig({ SECRET_KEY: hex, SECRET_KEY_PREVIOUS: `${base64}, lost` });
    assert.deepEqual(config.secretKey, Buffer.alloc(32, 0xab));
    assert.deepEqual([config.secretKeyPrevious, config.isSecretKeyLost], [[Buffer.alloc(32, 1)], true]);
    for (const wrong of ["short", hex.slice(1), `${hex}0`, base64.slice(1), "z".repeat(64)]) {
      for (const name of ["SECRET_KEY", "SECRET_KEY_PREVIOUS"]) {
        assert.match(linesOf({ [name]: wrong })[0] ?? "", new RegExp(`^${name} must be 32 bytes`), wrong);
        assert.ok(!linesOf({ [name]: wrong })[0]?.includes(wrong), "the value is not repeated");
      }
    }
  });

  test("FILE_STORE names a folder or a bucket", () => {
    const stored = (environment: Environment) => readConfig(environment).fileStore;
    assert.deepEqual(stored({ FILE_STORE: "documents" }), { kind: "disk", directory: resolve("documents") });
    assert.deepEqual(stored({ FILE_STORE: "s3://documents" }), {
      kind: "s3",
      bucket: "documents",
      prefix: "",
      region: "us-east-1",
    });
    assert.deepEqual(
      stored({ FILE_STORE: "s3://documents/a/b", S3_ENDPOINT: "http://127.0.0.1:9000", S3_REGION: "eu-1" }),
      { kind: "s3", bucket: "documents", prefix: "a/b/", region: "eu-1", endpoint: "http://127.0.0.1:9000" },
    );
  });

  test("SMTP_URL needs a sender", () => {
    assert.equal(linesOf({ SMTP_URL: "smtp://mail.example.org" }).length, 1);
    assert.equal(
      readConfig({ SMTP_URL: "smtp://mail.example.org", MAIL_FROM: "Flows <f@example.org>" }).mailFrom,
      "Flows <f@example.org>",
    );
  });

  test("/metrics needs a key where others than this machine can reach it, unless METRICS says otherwise", () => {
    const access = (environment: Environment) => readConfig(environment).metrics;
    for (const HOST of ["127.0.0.1", "::1", "localhost"]) assert.equal(access({ HOST }), "open");
    for (const HOST of ["0.0.0.0", "::", "10.0.0.1", "flows.internal"]) assert.equal(access({ HOST }), "key");
    assert.equal(access({ HOST: "0.0.0.0", METRICS: "open" }), "open");
  });

  test("no line repeats a secret", () => {
    const lines = linesOf({ API_KEY: "se cret", DATABASE_URL: "se cret", SMTP_URL: "se cret", REDIS_URL: "se cret" });
    assert.equal(lines.length, 4);
    assert.ok(!lines.join().includes("se cret"));
  });
});
