import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { createLogger } from "../../server/config/index.ts";
import { startEmbeddedPostgres } from "../../server/postgres/index.ts";
import { repository } from "./repository.ts";

/** They decide what a commit costs, so every report shows them. */
const reportedSettings = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers"];
/** Without these, nothing that is measured is durable. */
const requiredOn = ["fsync", "synchronous_commit"];

/** The one Postgres that every scenario of a run uses. */
export interface BenchmarkServer {
  /** Version and settings. */
  readonly description: string;
  /** An empty database, after a checkpoint: what was written before does not have to be flushed in the measured time. */
  freshDatabase(name: string): Promise<FreshDatabase>;
  stop(): Promise<void>;
}

interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** The embedded Postgres on a folder of its own, or the server of DATABASE_URL. */
export async function openBenchmarkServer(databaseUrl: string | undefined): Promise<BenchmarkServer> {
  if (databaseUrl !== undefined) return serverAt(databaseUrl, async () => {});
  const parent = join(repository, ".data");
  await mkdir(parent, { recursive: true });
  // Beside the default DATA_DIR: the same disk that the service would use, and not a temporary folder in memory.
  const dataDir = await mkdtemp(join(parent, "bench-"));
  const postgres = await startEmbeddedPostgres({ dataDir, logger: createLogger("error") });
  return serverAt(postgres.databaseUrl, async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}

async function serverAt(url: string, stop: () => Promise<void>): Promise<BenchmarkServer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const close = async (): Promise<void> => {
    await client.end();
    await stop();
  };
  try {
    return {
      description: await describe(client),
      freshDatabase: (name) => freshDatabase(client, url, name),
      stop: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function describe(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string; value: string }>(
    "SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name",
    [["server_version", ...reportedSettings]],
  );
  const values = new Map(rows.map((row) => [row.name, row.value]));
  for (const name of requiredOn) {
    if (values.get(name) !== "on")
      throw new Error(`${name} is ${values.get(name)}: the benchmark measures durable commits`);
  }
  const settings = reportedSettings.map((name) => `${name}=${values.get(name)}`).join(", ");
  return `PostgreSQL ${values.get("server_version")}; ${settings}`;
}

async function freshDatabase(client: pg.Client, serverUrl: string, suffix: string): Promise<FreshDatabase> {
  const name = `stepwire_bench_${suffix.replaceAll("-", "_")}_${process.pid}`;
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
  await client.query("CHECKPOINT");
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
