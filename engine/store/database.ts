import { Migrator } from "@mikro-orm/migrations";
import { type EntityManager, MikroORM } from "@mikro-orm/postgresql";
import pg from "pg";
import { entities } from "./entities/index.ts";
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
export async function openDatabase(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: QUERY_CONNECTIONS, application_name: "stepwire" });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  let orm: MikroORM | undefined;
  try {
    orm = await MikroORM.init({
      entities,
      clientUrl: url,
      pool: { min: 0, max: ORM_CONNECTIONS },
      extensions: [Migrator],
      migrations: { migrationsList: migrations, snapshot: false, tableName: "migration" },
      // Entities are plain rows here; nobody shares one unit of work.
      allowGlobalContext: false,
      logger: () => {},
    });
    await migrate(orm, pool);
  } catch (error) {
    await orm?.close(true);
    await pool.end();
    throw error;
  }
  const opened = orm;
  const ormPool = await opened.em.getConnection().getNativeClient();
  return {
    url,
    orm: opened,
    pool,
    em: () => opened.em.fork(),
    use: () => ({ sql: useOf(pool, QUERY_CONNECTIONS), orm: useOf(ormPool, ORM_CONNECTIONS) }),
    close: async () => {
      await opened.close(true);
      await pool.end();
    },
  };
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

async function migrate(orm: MikroORM, pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1::bigint)", [MIGRATION_LOCK]);
    await orm.migrator.up();
  } finally {
    await client.query("SELECT pg_advisory_unlock($1::bigint)", [MIGRATION_LOCK]).catch(() => {});
    client.release();
  }
}
