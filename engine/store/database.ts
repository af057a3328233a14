import { Migrator } from "@mikro-orm/migrations";
import { type EntityManager, MikroORM } from "@mikro-orm/postgresql";
import pg from "pg";
import { noteChecksums, readChecksums, refuseEdited } from "./checksums.ts";
import {
  type ConnectionOptions,
  type DatabaseLimits,
  defaultDatabaseLimits,
  guarded,
  openConnection,
  openPool,
  poolConfig,
} from "./connection.ts";
import { entities } from "./entities/all.ts";
import { migrations } from "./migrations/index.ts";

/** Connections of the two pools. Small: the journal has its own, and everything else is short reads. */
const ORM_CONNECTIONS = 6;
const QUERY_CONNECTIONS = 6;

/** Two processes that start at once migrate one after the other. The number is arbitrary, and ours. */
const MIGRATION_LOCK = 7_306_200_601n;

// Ids are below 2^53 by construction: sequences would need 285 years at a million steps a second.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Connections of a pool. */
export interface PoolUse {
  readonly max: number;
  readonly open: number;
  readonly idle: number;
  /** Queries that wait for a connection. */
  readonly waiting: number;
}

export interface Database {
  readonly url: string;
  readonly orm: MikroORM;
  /** For named SQL: claims, event reads, lists. */
  readonly pool: pg.Pool;
  /** A fresh unit of work. */
  em(): EntityManager;
  /** Of the pool of named SQL and of the ORM's. */
  use(): Readonly<Record<"sql" | "orm", PoolUse>>;
  close(): Promise<void>;
}

/** Connects, migrates, and returns when both pools are usable. */
export async function openDatabase(url: string, limits: DatabaseLimits = defaultDatabaseLimits): Promise<Database> {
  const pool = openPool(optionsOf(url, limits), QUERY_CONNECTIONS);
  let opened: { readonly orm: MikroORM; readonly pool: pg.Pool } | undefined;
  try {
    opened = await openOrm(url, limits);
    await migrate(opened.orm, url);
  } catch (error) {
    await opened?.orm.close(true);
    await pool.end();
    throw error;
  }
  const { orm, pool: ormPool } = opened;
  return {
    url,
    orm,
    pool,
    em: () => orm.em.fork(),
    use: () => ({ sql: useOf(pool, QUERY_CONNECTIONS), orm: useOf(ormPool, ORM_CONNECTIONS) }),
    close: async () => {
      await orm.close(true);
      await pool.end();
    },
  };
}

function optionsOf(url: string, limits: DatabaseLimits | null): ConnectionOptions {
  return { connectionString: url, application_name: "stepwire", limits };
}

async function openOrm(url: string, limits: DatabaseLimits | null): Promise<{ orm: MikroORM; pool: pg.Pool }> {
  const orm = await MikroORM.init({
    entities,
    clientUrl: url,
    pool: { min: 0, max: ORM_CONNECTIONS },
    driverOptions: {
      ...poolConfig(optionsOf(url, limits)),
      onPoolCreated: guarded,
    },
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false, tableName: "migration" },
    // Entities are plain rows here; nobody shares one unit of work.
    allowGlobalContext: false,
    logger: () => {},
  });
  return { orm, pool: await orm.em.getConnection().getNativeClient() };
}

/** The same for every process on this database, however it is addressed; another for any other database. */
export async function readDatabaseIdentity(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ identity: string }>(
    `SELECT (pg_control_system()).system_identifier::text || '-' || oid::text AS identity
       FROM pg_database
      WHERE datname = current_database()`,
  );
  return rows[0]!.identity;
}

function useOf(pool: pg.Pool, max: number): PoolUse {
  return { max, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

/** Takes as long as it takes, to change a large table or to wait for another process that does: without limits. */
async function migrate(orm: MikroORM, url: string): Promise<void> {
  const lock = openConnection(optionsOf(url, null));
  await lock.connect();
  try {
    await lock.query("SELECT pg_advisory_lock($1::bigint)", [MIGRATION_LOCK]);
    const pending = await orm.migrator.getPending();
    const noted = await readChecksums(lock);
    refuseEdited(noted);
    if (pending.length > 0) await runPending(url);
    // Not otherwise: a database that takes no writes now may have taken them before.
    if (pending.length > 0 || [...noted.values()].includes(null)) await noteChecksums(lock);
  } finally {
    // Its lock goes with it.
    await lock.end();
  }
}

async function runPending(url: string): Promise<void> {
  const { orm } = await openOrm(url, null);
  try {
    await orm.migrator.up();
  } finally {
    await orm.close(true);
  }
}
