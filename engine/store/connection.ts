import type { Socket } from "node:net";
import pg from "pg";
import { ConnectionError, troubleOf } from "../model/index.ts";
import { currentDeadline, DeadlineError } from "../runtime/index.ts";

/** A server that has not let us in by then is away. */
const CONNECT_MS = 5_000;
/** What an answer may be late by when Postgres itself has ended the statement. */
const ANSWER_MS = 2_000;

/** What one statement may take, unless a transaction says otherwise. */
export interface DatabaseLimits {
  readonly statementMs: number;
  /** Of that, waiting for a lock. */
  readonly lockMs: number;
}

export const defaultDatabaseLimits: DatabaseLimits = { statementMs: 8_000, lockMs: 4_000 };

export interface ConnectionOptions {
  readonly connectionString: string;
  readonly application_name: string;
  /** Null: none, for migrations. Default: `defaultDatabaseLimits`. */
  readonly limits?: DatabaseLimits | null;
  /** Of the session: `-c name=value`. */
  readonly options?: string;
}

type Settle = (error: unknown, result?: unknown) => void;

/**
 * The one kind of connection to Postgres that the service opens, pooled or not. Losing it fails the statement under
 * way and nothing else; a bare `pg` client without a listener would end the process. A statement takes no longer than
 * the request that waits for it has, and a server that has become silent is left.
 */
class Connection extends pg.Client {
  private silenceMs: number;
  private underWay = 0;

  constructor(config: pg.ClientConfig = {}) {
    super({ connectionTimeoutMillis: CONNECT_MS, keepAlive: true, ...config });
    const { statement_timeout: statementMs } = config;
    this.silenceMs = typeof statementMs === "number" ? statementMs + ANSWER_MS : 0;
    this.on("error", () => {});
    // The stream is another one once TLS is on.
    this.once("connect", () => {
      this.socket.setTimeout(this.silenceMs);
      this.socket.on("timeout", () => {
        if (this.underWay > 0) this.drop(new ConnectionError("Postgres has become silent", "away", true));
      });
    });
  }

  /** At once: `end` would wait for a server that does not answer. What is under way fails with `error`. */
  drop(error: Error): void {
    this.socket.destroy(error);
  }

  private get socket(): Socket {
    return this.connection.stream as Socket;
  }

  /** The statements of a transaction may take so long. Null: as long as others. */
  allow(statementMs: number | null): void {
    this.socket.setTimeout(statementMs === null ? this.silenceMs : statementMs + ANSWER_MS);
  }

  // As `pg` declares it: with or without a callback.
  override query(...args: unknown[]): never {
    const deadline = currentDeadline();
    const late =
      deadline && (() => this.drop(new DeadlineError("The request's time was over before Postgres answered", true)));
    if (late) deadline.watch(late);
    this.underWay += 1;
    const settled = (): void => {
      this.underWay -= 1;
      deadline?.unwatch(late);
    };
    const query = super.query as (...args: unknown[]) => unknown;
    const last = args.at(-1);
    if (typeof last === "function") {
      const callback: Settle = (error, result) => {
        settled();
        (last as Settle)(error && known(error, true), result);
      };
      return query.call(this, ...args.slice(0, -1), callback) as never;
    }
    const answered = query.apply(this, args);
    if (answered instanceof Promise) {
      return answered.then(
        (result: unknown) => {
          settled();
          return result;
        },
        (error: unknown) => {
          settled();
          throw known(error, true);
        },
      ) as never;
    }
    // A cursor, which is asked piece by piece.
    settled();
    return answered as never;
  }
}

/** A connection beside the pools, with the listeners and limits that those have. Not connected yet. */
export function openConnection(options: ConnectionOptions): pg.Client {
  return new Connection(configOf(options));
}

/** Ends it at once, whatever the server does. */
export function dropConnection(client: pg.ClientBase, why: string): void {
  (client as Connection).drop(new Error(why));
}

/** A pool of such connections. */
export function openPool(options: ConnectionOptions, max: number): pg.Pool {
  return guarded(new pg.Pool({ ...poolConfig(options), max }));
}

/** For a library that makes its pool itself; it is to be `guarded` then. */
export function poolConfig(options: ConnectionOptions): pg.PoolConfig {
  return { ...configOf(options), Client: Connection as unknown as NonNullable<pg.PoolConfig["Client"]> };
}

type Acquired = (error: Error | undefined, client: pg.PoolClient | undefined, release: () => void) => void;

/** Makes a pool of our connections wait for a free one no longer than the request that asks has. */
export function guarded(pool: pg.Pool): pg.Pool {
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  const acquire = pool.connect.bind(pool) as (callback: Acquired) => void;

  const connect = (): Promise<pg.PoolClient> => {
    const acquired = Promise.withResolvers<pg.PoolClient>();
    const deadline = currentDeadline();
    let isLate = false;
    const late =
      deadline &&
      (() => {
        isLate = true;
        acquired.reject(new DeadlineError("The request's time was over before a connection was free", false));
      });
    if (late) deadline.watch(late);
    acquire((error, client, release) => {
      deadline?.unwatch(late);
      if (!client) acquired.reject(known(error, false));
      else if (isLate) release();
      else acquired.resolve(client);
    });
    return acquired.promise;
  };
  const query = async (...args: unknown[]): Promise<unknown> => {
    const client = await connect();
    let isWhole = false;
    try {
      const result = await (client.query as (...args: unknown[]) => Promise<unknown>).apply(client, args);
      isWhole = true;
      return result;
    } catch (error) {
      // What Postgres refuses by itself leaves the connection as it was.
      isWhole = troubleOf(error) !== "away";
      throw error;
    } finally {
      client.release(!isWhole);
    }
  };
  return Object.assign(pool, { connect, query });
}

/** A process that is frozen inside a transaction must not keep the others from its rows. */
const FROZEN_MS = 60_000;

/**
 * Runs `work` in a transaction of its own: the only way in which code of ours holds a connection of a pool.
 * `statementMs`: for work that no request waits for. Default: as any statement.
 */
export async function transaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  statementMs: number | null = null,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    if (statementMs !== null) allow(client, statementMs);
    const settings = [
      `SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}`,
      ...(statementMs === null ? [] : [`SET LOCAL statement_timeout = ${statementMs}`]),
    ];
    await client.query(["BEGIN", ...settings].join("; "));
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    if (statementMs !== null && !broken) allow(client, null);
    client.release(broken);
  }
}

function allow(client: pg.ClientBase, statementMs: number | null): void {
  (client as Connection).allow(statementMs);
}

/** What the socket says, and `pg` of a connection that it has lost or could not make. */
const socketCode = /^(E[A-Z]+|ERR_(SSL|TLS|STREAM)_\w+)$/;
const connectionIsGone =
  /^(Connection terminated|Client (has encountered|was closed)|timeout expired|The server does not support SSL)/;

/** As an error that is known to be a connection's; another is left as it is. */
function known(error: unknown, wasSent: boolean): Error {
  const { message, code } = error as { readonly message: string; readonly code?: unknown };
  const isConnections = (typeof code === "string" && socketCode.test(code)) || connectionIsGone.test(message);
  // Of several addresses that were tried, there is no message for all.
  return isConnections ? new ConnectionError(message || String(code), "away", wasSent, error) : (error as Error);
}

function configOf({ limits = defaultDatabaseLimits, ...rest }: ConnectionOptions): pg.ClientConfig {
  return limits === null ? rest : { ...rest, statement_timeout: limits.statementMs, lock_timeout: limits.lockMs };
}
