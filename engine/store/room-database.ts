import type pg from "pg";
import { transaction } from "./connection.ts";

/** Whatever takes statements: a pool, or the connection of a transaction. */
export type Queries = Pick<pg.ClientBase, "query">;

/** The database, for a room that stands on the engine and keeps tables of its own there. The engine's are reached by its functions. */
export interface RoomDatabase extends Queries {
  /** As `transaction`. */
  transaction<T>(work: (tx: Queries) => Promise<T>, statementMs?: number): Promise<T>;
}

export function roomDatabase(pool: pg.Pool): RoomDatabase {
  return {
    query: pool.query.bind(pool),
    transaction: (work, statementMs) => transaction(pool, work, statementMs),
  };
}
