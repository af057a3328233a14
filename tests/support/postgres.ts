import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createLogger } from "../../server/config/index.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../server/postgres/embedded-postgres.ts";
import { tcpProxy } from "./proxy.ts";

/** For several files at once, each with several processes. */
const settings = { max_connections: 300 };
const WAIT_MS = 10;
const MAX_WAITS = 300;

export interface TestDatabase {
  /** Address of an empty database of its own. */
  readonly url: string;
  /** Drops it, with the connections that are still open. */
  drop(): Promise<void>;
}

/** A fresh, empty database on the server of TEST_DATABASE_URL; a file that runs alone starts a server of its own. */
export async function testDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env.TEST_DATABASE_URL ?? (await ownServer());
  const name = `stepwire_test_${randomBytes(8).toString("hex")}`;
  await runStatement(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropDatabase(serverUrl, name) };
}

/** What is closing has a moment to: ended by force, it would be an error of a test that is over. */
async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    for (let wait = 0; wait < MAX_WAITS / 10; wait++) {
      const { rowCount } = await client.query("SELECT FROM pg_stat_activity WHERE datname = $1", [name]);
      if (rowCount === 0) break;
      await sleep(WAIT_MS);
    }
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}

/** A server in a temporary folder, with the durability of production: what the tests prove holds there too. */
export async function temporaryPostgres() {
  const dataDir = await mkdtemp(join(tmpdir(), "stepwire-test-"));
  const postgres = await startEmbeddedPostgres({ dataDir, logger: createLogger("error"), settings });
  return {
    url: postgres.databaseUrl,
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    /** For the end of a process, where nothing can be awaited. */
    stopNow() {
      postgres.stopNow();
      waitForEnd(dataDir);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A server that a test stops and starts as it likes, at one address: behind a proxy that can be cut. */
export async function frailPostgres() {
  const dataDir = await mkdtemp(join(tmpdir(), "stepwire-frail-"));
  const start = () => startEmbeddedPostgres({ dataDir, logger: createLogger("error") });
  const portOf = (url: string) => Number(new URL(url).port);
  let postgres: EmbeddedPostgres | null = await start();
  const proxy = await tcpProxy(portOf(postgres.databaseUrl));
  const direct = new URL(postgres.databaseUrl);
  const url = new URL(direct);
  url.port = String(proxy.port);
  return {
    /** Through the proxy. */
    url: url.href,
    proxy,
    /** Past the proxy: for the faults that are made by statements. */
    run: (statement: string) => runStatement(direct.href, statement),
    connect: async () => {
      const client = new pg.Client({ connectionString: direct.href });
      client.on("error", () => {});
      await client.connect();
      return client;
    },
    /** `immediate`: as a crash does. */
    stop: async (how: "fast" | "immediate") => {
      const running = postgres;
      postgres = null;
      if (how === "immediate") running?.stopNow();
      await running?.stop();
    },
    start: async () => {
      postgres ??= await start();
      direct.port = String(portOf(postgres.databaseUrl));
      proxy.lead(Number(direct.port));
    },
    close: async () => {
      await proxy.close();
      await postgres?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Postgres takes its postmaster.pid away as the last thing it does. Blocks: it is called where no event loop runs. */
function waitForEnd(dataDir: string): void {
  const postmasterFile = join(dataDir, "postgres", "data", "postmaster.pid");
  for (let waits = 0; waits < MAX_WAITS && existsSync(postmasterFile); waits++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
}

let own: Promise<string> | undefined;

function ownServer(): Promise<string> {
  own ??= temporaryPostgres().then((postgres) => {
    process.once("exit", postgres.stopNow);
    return postgres.url;
  });
  return own;
}

async function runStatement(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
