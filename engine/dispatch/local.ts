import type pg from "pg";
import { type Bus, channels, type Subscription } from "../bus/index.ts";
import { DomainError, type EngineLogger } from "../model/index.ts";
import { type Clock, fenced } from "../runtime/index.ts";
import { type Runnable, runnableColumns } from "../store/index.ts";
import type { Consumer, Dispatcher } from "./dispatcher.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { WorkerLock } from "./worker-lock.ts";

/** Timers that are due are read in pages of so many. */
const PAGE_SIZE = 500;
/** Node's timers end at 2^31 ms. */
const MAX_TIMER_MS = 60_000;
/** Hints may be lost, and rows be stored with a time that has passed: a look this often bounds what that costs. */
const SWEEP_INTERVAL_MS = 10_000;
const BEGINNING = { at: new Date(0), id: 0 };
/** After Postgres could not be asked. */
const RETRY_MS = 1_000;

/**
 * For the one process that has the worker. What waits is a row: memory holds the ids that are ready and one timer, armed
 * for the nearest `wake_at`; a slow look at everything finds what neither was told of.
 */
export class LocalDispatcher implements Dispatcher {
  private readonly ready: ReadyQueue;
  private consumer: Consumer | null = null;
  private readonly lock: WorkerLock;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  /** Timers up to here were handed out since the last look at everything, which begins anew. */
  private cursor = BEGINNING;
  /** Executions in the consumer's hands → the time of theirs that it was told of. */
  private readonly poked = new Map<number, number>();
  private scanning = false;
  private scanAgain = false;
  private subscription: Subscription | null = null;
  private sweepTimer: NodeJS.Timeout | null = null;
  private sweeping = false;
  /** Signals up to here were seen by the look before the last: each is seen twice, as ids may commit out of order. */
  private signalCursor = { previous: 0, last: 0 };

  constructor(
    url: string,
    private readonly pool: pg.Pool,
    private readonly clock: Pick<Clock, "now">,
    log: EngineLogger,
    /** Where processes without a worker say what they have stored. Absent: there are none. */
    private readonly hints?: Bus,
  ) {
    this.ready = new ReadyQueue(pool);
    this.lock = new WorkerLock(url, log, {
      held: () => {
        this.ready.pump();
        void this.sweep();
      },
      lost: () => this.letGoOfAll(),
    });
  }

  /** Whether this process may take executions over and begin effects now. */
  get isHolder(): boolean {
    return this.lock.isHeld;
  }

  /** Resolves when it may; rejects when another worker has taken over. Null: it may now. */
  held(): Promise<void> | null {
    return this.lock.held();
  }

  /** Executions that are ready and wait for room. */
  get queued(): number {
    return this.ready.size;
  }

  enqueue(executionId: number, at: number, known?: Runnable): void {
    if (this.lock.isOthers) this.hints?.publish(channels.executionRunnable, executionId);
    else if (at > this.clock.now()) this.arm(at);
    else if (this.consumer?.holds(executionId)) this.consumer.take([executionId]);
    else if (known) this.ready.add(known);
    else this.ready.hear(executionId);
  }

  async start(consumer: Consumer): Promise<void> {
    if (!(await this.lock.take())) {
      const redis = this.hints ? "" : "set REDIS_URL, and ";
      throw new DomainError(
        "INVALID_STATE",
        `Another worker runs on this database: ${redis}give this process ROLES without worker`,
      );
    }
    await consumer.arrive();
    this.consumer = consumer;
    await this.listen();
    await this.addUnfinished();
    // A signal may have come in while nobody was there to hear of it.
    await this.addSignalled();
    this.ready.start(consumer);
    await this.scan();
  }

  capacityFreed(): void {
    this.ready.pump();
  }

  async stop(): Promise<void> {
    this.consumer = null;
    this.subscription?.unsubscribe();
    if (this.sweepTimer) clearInterval(this.sweepTimer);
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.ready.stop();
    await this.lock.release();
  }

  private letGoOfAll(): void {
    this.ready.clear();
    this.poked.clear();
    this.consumer?.letGoOfAll();
  }

  private async listen(): Promise<void> {
    this.sweepTimer = setInterval(
      fenced("dispatch timer", () => this.sweep()),
      SWEEP_INTERVAL_MS,
    ).unref();
    if (!this.hints) return;
    this.subscription = await this.hints.subscribe(
      channels.executionRunnable,
      // What a standby hears is not for it, and must not go round.
      (id) => this.lock.isOthers || this.enqueue(id as number, 0),
      () => void this.sweep(),
    );
  }

  /** Finds what nothing told of: what is unfinished and in nobody's hands, signals, and timers that fell behind. */
  private async sweep(): Promise<void> {
    // With a page of work before it the worker lacks nothing; what is missing is found when that is done.
    if (this.sweeping || !this.consumer || this.lock.isOthers || this.ready.size >= PAGE_SIZE) return;
    this.sweeping = true;
    try {
      await this.addUnfinished();
      await this.addSignalled();
      for (const id of this.poked.keys()) if (!this.consumer?.holds(id)) this.poked.delete(id);
      this.cursor = BEGINNING;
      await this.scan();
    } catch {
      // Postgres is away; the next look finds the same.
    } finally {
      this.sweeping = false;
    }
  }

  private async addUnfinished(): Promise<void> {
    for (let after = 0; this.consumer; ) {
      const { rows } = await this.pool.query<Runnable>({
        name: "dispatch-unfinished",
        // Plan: index scan on "execution_unfinished".
        text: `SELECT ${runnableColumns} FROM execution
               WHERE status IN ('pending', 'running', 'compensating') AND id > $1::bigint ORDER BY id LIMIT $2::int`,
        values: [after, PAGE_SIZE],
      });
      for (const runnable of rows) this.ready.add(runnable);
      if (rows.length < PAGE_SIZE) return;
      after = rows.at(-1)!.id;
    }
  }

  private async addSignalled(): Promise<void> {
    const { previous, last } = this.signalCursor;
    let newest = last;
    for (let after = previous; this.consumer; ) {
      const { rows } = await this.pool.query<{ id: number; execution_id: number }>({
        name: "dispatch-signalled",
        // Plan: "execution_signal_pkey".
        text: `SELECT id, execution_id FROM execution_signal WHERE id > $1::bigint ORDER BY id LIMIT $2::int`,
        values: [after, PAGE_SIZE],
      });
      for (const row of rows) this.enqueue(row.execution_id, 0);
      newest = Math.max(newest, rows.at(-1)?.id ?? 0);
      if (rows.length < PAGE_SIZE) break;
      after = rows.at(-1)!.id;
    }
    this.signalCursor = { previous: last, last: newest };
  }

  private arm(at: number): void {
    if (at >= this.timerAt || !this.consumer) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(
      fenced("dispatch timer", () => {
        this.timerAt = Number.POSITIVE_INFINITY;
        return this.scan();
      }),
      Math.min(Math.max(at - this.clock.now(), 0), MAX_TIMER_MS),
    );
  }

  /** Whether the consumer holds it and was told of this time before. Says that it now is. */
  private isPoked(id: number, at: number): boolean {
    if (!this.consumer?.holds(id)) return false;
    if (this.poked.get(id) === at) return true;
    this.poked.set(id, at);
    return false;
  }

  /** Hands out what is due, and arms the timer for what comes next. */
  private async scan(): Promise<void> {
    this.scanAgain = true;
    if (this.scanning) return;
    this.scanning = true;
    try {
      while (this.scanAgain && this.consumer) {
        this.scanAgain = false;
        for (let more = true; more && this.consumer; ) more = await this.scanPage();
      }
    } catch {
      this.arm(this.clock.now() + RETRY_MS);
    } finally {
      this.scanning = false;
    }
  }

  private async scanPage(): Promise<boolean> {
    // Before the query: a row that it could not see yet must not fall behind the cursor.
    const now = this.clock.now();
    const { rows } = await this.pool.query<Runnable & { readonly wake_at: Date }>({
      name: "dispatch-due",
      // Plan: index scan on "execution_wake".
      text: `SELECT ${runnableColumns}, wake_at FROM execution
             WHERE wake_at IS NOT NULL AND (wake_at, id) > ($1::timestamptz, $2::bigint)
             ORDER BY wake_at, id LIMIT $3::int`,
      values: [this.cursor.at, this.cursor.id, PAGE_SIZE],
    });
    for (const { id, tenantId, size, wake_at: at } of rows) {
      if (at.getTime() > now) {
        this.arm(at.getTime());
        return false;
      }
      this.cursor = { at, id };
      if (this.isPoked(id, at.getTime())) continue;
      if (this.consumer?.holds(id)) this.consumer.take([id]);
      else this.ready.add({ id, tenantId, size });
    }
    return rows.length === PAGE_SIZE;
  }
}
