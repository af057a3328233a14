import type pg from "pg";

/** A probe that asks every second, or a hundred that do: one question a second to Postgres. */
const CACHE_MS = 1_000;
/** Postgres that has not answered by then counts as away. */
const ANSWER_LIMIT_MS = 1_000;

/** Whether each part works; null: this process has none. */
export interface EngineHealth {
  readonly database: boolean;
  readonly redis: boolean | null;
  readonly scheduler: boolean | null;
}

interface HealthDeps {
  readonly pool: pg.Pool;
  /** Null: there is no Redis. */
  readonly bus: { readonly isConnected: boolean } | null;
  readonly scheduler: { readonly isHealthy: boolean } | null;
}

export class HealthProbe {
  private until = 0;
  private last: Promise<boolean> = Promise.resolve(true);

  constructor(private readonly deps: HealthDeps) {}

  /** At most a second old. Never rejects, and answers within about a second. */
  async check(): Promise<EngineHealth> {
    const now = performance.now();
    if (now >= this.until) {
      this.until = now + CACHE_MS;
      this.last = this.databaseAnswers();
    }
    return {
      database: await this.last,
      redis: this.deps.bus === null ? null : this.deps.bus.isConnected,
      scheduler: this.deps.scheduler?.isHealthy ?? null,
    };
  }

  private async databaseAnswers(): Promise<boolean> {
    const limit = Promise.withResolvers<boolean>();
    const timer = setTimeout(limit.resolve, ANSWER_LIMIT_MS, false);
    const answered = this.deps.pool.query("SELECT 1").then(
      () => true,
      () => false,
    );
    const isUp = await Promise.race([answered, limit.promise]);
    clearTimeout(timer);
    return isUp;
  }
}
