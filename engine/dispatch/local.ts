import pg from "pg";
import { DomainError } from "../errors.ts";
import type { Consumer, Dispatcher } from "./dispatcher.ts";

/** One worker without Redis holds this. The number is arbitrary, and ours. */
const WORKER_LOCK = 7_306_200_602n;
/** Timers that are due are read in pages of so many. */
const PAGE_SIZE = 500;
/** Node's timers end at 2^31 ms; a look once an hour costs nothing. */
const MAX_TIMER_MS = 3_600_000;
/** After Postgres could not be asked. */
const RETRY_MS = 1_000;

/**
 * For one process. What waits is a row: memory holds the ids that are ready and one timer, armed for the nearest
 * `wake_at`. Nothing is polled.
 */
export class LocalDispatcher implements Dispatcher {
  private readonly ready = new Set<number>();
  private consumer: Consumer | null = null;
  private lock: pg.Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  /** Timers up to here were handed out. */
  private cursor = { at: new Date(0), id: 0 };
  private scanning = false;
  private pumping = false;

  constructor(
    private readonly url: string,
    private readonly pool: pg.Pool,
  ) {}

  enqueue(executionId: number, at: number): void {
    if (at > Date.now()) this.arm(at);
    else if (this.consumer?.holds(executionId)) this.consumer.take([executionId]);
    else {
      this.ready.add(executionId);
      this.pump();
    }
  }

  async start(consumer: Consumer): Promise<void> {
    await this.acquireLock();
    this.consumer = consumer;
    for (let after = 0; ; ) {
      const { rows } = await this.pool.query<{ id: number }>(
        // Plan: index only scan on "execution_unfinished".
        `SELECT id FROM execution
         WHERE status IN ('pending', 'running', 'compensating') AND id > $1::bigint ORDER BY id LIMIT $2::int`,
        [after, PAGE_SIZE],
      );
      for (const { id } of rows) this.ready.add(id);
      if (rows.length < PAGE_SIZE) break;
      after = rows.at(-1)!.id;
    }
    // A signal may have come in while nobody was there to hear of it.
    const { rows } = await this.pool.query<{ execution_id: number }>(
      "SELECT DISTINCT execution_id FROM execution_signal",
    );
    for (const row of rows) this.ready.add(row.execution_id);
    this.pump();
    await this.scan();
  }

  roomFreed(): void {
    this.pump();
  }

  async stop(): Promise<void> {
    this.consumer = null;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.ready.clear();
    await this.releaseLock();
  }

  private async acquireLock(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: "stepwire-worker-lock",
      keepAlive: true,
    });
    client.on("error", () => {
      if (this.lock === client) void this.regainLock();
    });
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1::bigint) AS held", [
      WORKER_LOCK,
    ]);
    if (!rows[0]?.held) {
      await client.end();
      throw new DomainError(
        "INVALID_STATE",
        "Another worker runs on this database. Set REDIS_URL to run several, or ROLES without worker.",
      );
    }
    this.lock = client;
  }

  /** Postgres went away and came back: nobody else could have started meanwhile without taking the lock. */
  private async regainLock(): Promise<void> {
    this.lock = null;
    while (this.consumer && !this.lock) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      await this.acquireLock().catch(() => {});
    }
    if (!this.consumer) await this.releaseLock();
  }

  private async releaseLock(): Promise<void> {
    const lock = this.lock;
    this.lock = null;
    await lock?.end().catch(() => {});
  }

  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    // Ids that gather in this turn go to the consumer together: one claim for all.
    setImmediate(() => {
      this.pumping = false;
      const room = this.consumer?.room() ?? 0;
      if (room <= 0 || this.ready.size === 0) return;
      const ids: number[] = [];
      for (const id of this.ready) {
        if (ids.length >= room) break;
        this.ready.delete(id);
        ids.push(id);
      }
      this.consumer?.take(ids);
    });
  }

  private arm(at: number): void {
    if (at >= this.timerAt || !this.consumer) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(
      () => {
        this.timerAt = Number.POSITIVE_INFINITY;
        void this.scan();
      },
      Math.min(Math.max(at - Date.now(), 0), MAX_TIMER_MS),
    );
  }

  /** Hands out what is due, and arms the timer for what comes next. */
  private async scan(): Promise<void> {
    if (this.scanning) return this.arm(Date.now());
    this.scanning = true;
    try {
      for (let more = true; more && this.consumer; ) more = await this.scanPage();
    } catch {
      this.arm(Date.now() + RETRY_MS);
    } finally {
      this.scanning = false;
    }
  }

  private async scanPage(): Promise<boolean> {
    // Before the query: a row that it could not see yet must not fall behind the cursor.
    const now = Date.now();
    const { rows } = await this.pool.query<{ id: number; wake_at: Date }>({
      name: "dispatch-due",
      // Plan: index only scan on "execution_wake".
      text: `SELECT id, wake_at FROM execution
             WHERE wake_at IS NOT NULL AND (wake_at, id) > ($1::timestamptz, $2::bigint)
             ORDER BY wake_at, id LIMIT $3::int`,
      values: [this.cursor.at, this.cursor.id, PAGE_SIZE],
    });
    for (const { id, wake_at: at } of rows) {
      if (at.getTime() > now) {
        this.arm(at.getTime());
        return false;
      }
      this.cursor = { at, id };
      this.enqueue(id, at.getTime());
    }
    return rows.length === PAGE_SIZE;
  }
}
