import type pg from "pg";
import { type Bus, channels, type Subscription } from "../bus/index.ts";
import type { ExecutionService } from "../execution/index.ts";
import { type Clock, Lookout, steadyClock } from "../runtime/index.ts";
import {
  advanceSchedules,
  awaitedExecutions,
  type ClaimedSchedule,
  claimDue,
  claimQueued,
  nearestSchedule,
  type ScheduleChange,
  transaction,
} from "../store/index.ts";
import { EndWatch } from "./end-watch.ts";
import { fire } from "./firing.ts";

/** Schedules held in one transaction while their executions are started. */
const BATCH_SIZE = 50;
/** After Postgres could not be asked, and for what is due but in another process's hands. */
const RETRY_MS = 1_000;
/** A schedule that could not be fired is left alone for so long: it must not hold up the others. */
const SET_ASIDE_MS = 5_000;
/** Executions that are listened to for queued times. */
const MAX_WATCHED = 500;

export interface SchedulerDeps {
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly executions: Pick<ExecutionService, "start" | "cancel" | "get" | "events">;
  readonly log: (
    level: "warning" | "error",
    message: string,
    fields: Readonly<Record<string, string | number>>,
  ) => void;
  /** Default: that of this process alone. */
  readonly clock?: Clock;
}

type Claim = (client: pg.PoolClient, without: readonly number[]) => Promise<ClaimedSchedule[]>;

/**
 * Fires schedules. Any number may run on one database, and none leads: who locks a due row fires it, and moves it on
 * in the same transaction. The start comes before the commit, under a key of schedule and nominal time: whoever dies
 * between them leaves the row as it was, and the next one's start finds the execution that is there already.
 */
export class Scheduler {
  private readonly clock: Clock;
  private readonly watch: EndWatch;
  private readonly lookout: Lookout;
  private subscription: Subscription | null = null;
  private stopped = false;
  private readonly setAside = new Map<number, number>();

  constructor(private readonly deps: SchedulerDeps) {
    this.clock = deps.clock ?? steadyClock;
    this.watch = new EndWatch(
      deps.executions,
      () => this.lookout.wake(),
      (error) =>
        deps.log("warning", "Could not watch an execution that a schedule waits for", { error: String(error) }),
    );
    this.lookout = new Lookout({
      take: () => this.fireDue(),
      nextAt: () => this.nextAt(),
      failed: (error) => deps.log("error", "Could not read the schedules; trying again", { error: String(error) }),
      retryMs: RETRY_MS,
      passedOverMs: RETRY_MS,
      clock: this.clock,
    });
  }

  /** Fires what is due, then waits for what comes next. */
  async start(): Promise<void> {
    this.subscription = await this.deps.bus.subscribe(channels.scheduleChanged, (at) => {
      if (typeof at === "number") this.lookout.expect(at);
    });
    await this.lookout.start();
  }

  /** Whether its last look at the schedules succeeded. */
  get isHealthy(): boolean {
    return this.lookout.isHealthy;
  }

  /** Fires nothing more; resolves when what is in hand is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.subscription?.unsubscribe();
    this.watch.stop();
    await this.lookout.stop();
  }

  private async fireDue(): Promise<void> {
    await this.fireBatches((client, without) => claimDue(client, new Date(this.clock.now()), without, BATCH_SIZE));
    // In this order: what ends after it was looked up is heard of, what ended before is claimed.
    const awaited = await awaitedExecutions(this.deps.pool, MAX_WATCHED);
    this.watch.set(new Map(awaited.map((execution) => [execution.id, execution])));
    const started = await this.fireBatches((client, without) => claimQueued(client, without, BATCH_SIZE));
    if (started > 0) this.lookout.wake();
  }

  private async nextAt(): Promise<number> {
    const nearest = await nearestSchedule(this.deps.pool);
    return Math.min(nearest?.getTime() ?? Number.POSITIVE_INFINITY, ...this.setAside.values());
  }

  private async fireBatches(claim: Claim): Promise<number> {
    let total = 0;
    for (let claimed = BATCH_SIZE; claimed === BATCH_SIZE && !this.stopped; ) {
      claimed = await transaction(this.deps.pool, (client) => this.fireBatch(client, claim));
      total += claimed;
    }
    return total;
  }

  private async fireBatch(client: pg.PoolClient, claim: Claim): Promise<number> {
    const rows = await claim(client, this.left());
    const changes = await Promise.all(rows.map((row) => this.fireOne(row)));
    if (rows.length > 0) {
      await advanceSchedules(
        client,
        changes.filter((change) => change !== null),
      );
    }
    return rows.length;
  }

  private async fireOne(row: ClaimedSchedule): Promise<ScheduleChange | null> {
    try {
      return await fire(this.deps, row, new Date(this.clock.now()));
    } catch (error) {
      this.setAside.set(row.id, this.clock.now() + SET_ASIDE_MS);
      this.deps.log("error", "Could not fire a schedule; trying again", { scheduleId: row.id, error: String(error) });
      return null;
    }
  }

  /** Schedules that are set aside now. */
  private left(): number[] {
    const now = this.clock.now();
    for (const [id, until] of this.setAside) if (until <= now) this.setAside.delete(id);
    return [...this.setAside.keys()];
  }
}
