import type { Journal } from "./journal/index.ts";
import { type Trouble, troubleOf } from "./model/index.ts";
import { openConnection } from "./store/index.ts";

/** A probe that asks every second, or a hundred that do: one question a second to Postgres. */
const CACHE_MS = 1_000;
/** Postgres that has not answered by then is in trouble: it is left, and a new connection is tried. */
const ANSWER_LIMIT_MS = 900;
/** A session keeps the settings that it began with: one that is older would not notice that the database is read-only. */
const MAX_AGE_MS = 5_000;
/** A flush that the last try of which failed, and one that is only slow, is trouble after so long. */
const FAILING_MS = 500;
const SLOW_MS = 3_000;

/** What keeps the database from serving. */
type DatabaseTrouble = Exclude<Trouble, "data" | "conflict">;

export interface EngineHealth {
  /** Null: it reads and writes. */
  readonly database: DatabaseTrouble | null;
  /** Whether each part works; null: this process has none. */
  readonly redis: boolean | null;
  readonly scheduler: boolean | null;
}

interface HealthDeps {
  readonly url: string;
  readonly journal: Pick<Journal, "health">;
  /** Null: there is no Redis. */
  readonly bus: { readonly isConnected: boolean } | null;
  readonly scheduler: { readonly isHealthy: boolean } | null;
}

/** Without these nothing is served: one that is locked against readers counts as busy. Names the tables to no purpose but that. */
const ASK = `
  SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS "isReadOnly",
    EXISTS (SELECT FROM execution), EXISTS (SELECT FROM execution_step), EXISTS (SELECT FROM execution_event),
    EXISTS (SELECT FROM execution_signal), EXISTS (SELECT FROM workflow), EXISTS (SELECT FROM workflow_version),
    EXISTS (SELECT FROM api_key)`;

type Connection = ReturnType<typeof openConnection>;

export class HealthProbe {
  private until = 0;
  private last: Promise<DatabaseTrouble | null> = Promise.resolve(null);
  private session: { readonly client: Connection; readonly openedAt: number } | null = null;

  constructor(private readonly deps: HealthDeps) {}

  /** At most a second old. Never rejects, and answers within about a second. */
  async check(): Promise<EngineHealth> {
    const now = performance.now();
    if (now >= this.until) {
      this.until = now + CACHE_MS;
      this.last = this.ask();
    }
    return {
      database: (await this.last) ?? this.ofJournal(),
      redis: this.deps.bus === null ? null : this.deps.bus.isConnected,
      scheduler: this.deps.scheduler?.isHealthy ?? null,
    };
  }

  close(): Promise<void> {
    return this.leave();
  }

  /** What it could not store says more than any question: a disk that is full still reads. */
  private ofJournal(): DatabaseTrouble | null {
    const { trouble, forMs } = this.deps.journal.health;
    if (forMs > SLOW_MS) return worth(trouble);
    return trouble !== null && forMs > FAILING_MS ? worth(trouble) : null;
  }

  /** On a connection of its own: the pools may be full of those who wait. */
  private async ask(): Promise<DatabaseTrouble | null> {
    const limit = Promise.withResolvers<"busy">();
    const timer = setTimeout(limit.resolve, ANSWER_LIMIT_MS, "busy");
    const trouble = await Promise.race([this.answer(), limit.promise]);
    clearTimeout(timer);
    if (trouble !== null) void this.leave();
    return trouble;
  }

  private async answer(): Promise<DatabaseTrouble | null> {
    try {
      const { rows } = await (await this.connected()).query<{ isReadOnly: boolean }>(ASK);
      return rows[0]!.isReadOnly ? "read-only" : null;
    } catch (error) {
      return worth(troubleOf(error) ?? "away");
    }
  }

  private async connected(): Promise<Connection> {
    if (this.session && performance.now() - this.session.openedAt > MAX_AGE_MS) void this.leave();
    if (this.session) return this.session.client;
    const client = openConnection({
      connectionString: this.deps.url,
      application_name: "stepwire-health",
      limits: { statementMs: ANSWER_LIMIT_MS, lockMs: ANSWER_LIMIT_MS / 2 },
    });
    this.session = { client, openedAt: performance.now() };
    await client.connect();
    return client;
  }

  private async leave(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.client.end().catch(() => {});
  }
}

function worth(trouble: Trouble | null): DatabaseTrouble {
  return trouble === null || trouble === "data" || trouble === "conflict" ? "busy" : trouble;
}
