import type pg from "pg";
import { type Bus, channels, type Subscription } from "../events/bus.ts";
import type { ExecutionService } from "../execution/execution-service.ts";
import {
  advanceSchedules,
  awaitedExecutions,
  beginClaim,
  type ClaimedSchedule,
  claimDue,
  claimQueued,
  nearestSchedule,
  type ScheduleChange,
} from "../store/schedules.ts";
import { type Clock, systemClock } from "./clock.ts";
import { EndWatch } from "./end-watch.ts";
import { fire } from "./firing.ts";

/** Schedules held in one transaction while their executions are started. */
const BATCH_SIZE = 50;
/** Hints on the bus may be lost: a look at the index this often bounds what that costs. */
const MAX_WAIT_MS = 60_000;
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
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Fires schedules. Any number may run on one database, and none leads: who locks a due row fires it, and moves it on
 * in the same transaction. The start comes before the commit, under a key of schedule and nominal time: whoever dies
 * between them leaves the row as it was, and the next one's start finds the execution that is there already.
 */
export class Scheduler {
  private readonly clock: Clock;
  private readonly watch: EndWatch;
  private subscription: Subscription | null = null;
  private disarm: (() => void) | null = null;
  private armedAt = Number.POSITIVE_INFINITY;
  private scanning: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private failing = false;
  private readonly setAside = new Map<number, number>();

  constructor(private readonly deps: SchedulerDeps) {
    this.clock = deps.clock ?? systemClock;
    this.watch = new EndWatch(
      deps.executions,
      () => void this.scan(),
      (error) =>
        deps.log("warning", "Could not watch an execution that a schedule waits for", { error: String(error) }),
    );
  }

  /** Fires what is due, then waits for what comes next. */
  async start(): Promise<void> {
    this.subscription = await this.deps.bus.subscribe(channels.scheduleChanged, (at) => {
      if (this.scanning) this.again = true;
      else if (typeof at === "number") this.arm(at);
    });
    await this.scan();
  }

  /** Whether its last look at the schedules succeeded. */
  get isHealthy(): boolean {
    return !this.failing;
  }

  /** Fires nothing more; resolves when what is in hand is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.subscription?.unsubscribe();
    this.disarm?.();
    this.watch.stop();
    await this.scanning;
  }

  /** One at a time; a call meanwhile makes it look once more. */
  private scan(): Promise<void> {
    this.again = true;
    this.scanning ??= this.scanAll();
    return this.scanning;
  }

  private async scanAll(): Promise<void> {
    this.disarm?.();
    this.armedAt = Number.POSITIVE_INFINITY;
    let nextLook = this.clock.now() + MAX_WAIT_MS;
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        nextLook = await this.fireDue();
        this.failing = false;
      } catch (error) {
        this.failing = true;
        this.deps.log("error", "Could not read the schedules; trying again", { error: String(error) });
        nextLook = this.clock.now() + RETRY_MS;
      }
    }
    this.scanning = null;
    this.arm(nextLook);
  }

  private arm(at: number): void {
    if (this.stopped || at >= this.armedAt) return;
    this.disarm?.();
    this.armedAt = at;
    this.disarm = this.clock.at(at, () => this.scan());
  }

  /** Fires all that is due; returns when to look again. */
  private async fireDue(): Promise<number> {
    await this.fireBatches((client, without) => claimDue(client, new Date(this.clock.now()), without, BATCH_SIZE));
    // In this order: what ends after it was looked up is heard of, what ended before is claimed.
    const awaited = await awaitedExecutions(this.deps.pool, MAX_WATCHED);
    this.watch.set(new Map(awaited.map((execution) => [execution.id, execution])));
    const started = await this.fireBatches((client, without) => claimQueued(client, without, BATCH_SIZE));
    if (started > 0) this.again = true;
    const nearest = (await nearestSchedule(this.deps.pool))?.getTime() ?? Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    return Math.min(nearest <= now ? now + RETRY_MS : nearest, now + MAX_WAIT_MS, ...this.setAside.values());
  }

  private async fireBatches(
    claim: (client: pg.PoolClient, without: readonly number[]) => Promise<ClaimedSchedule[]>,
  ): Promise<number> {
    let total = 0;
    for (let claimed = BATCH_SIZE; claimed === BATCH_SIZE && !this.stopped; ) {
      const client = await this.deps.pool.connect();
      let broken: Error | undefined;
      // The query under way rejects as well; without a listener a lost connection would end the process.
      const onError = (error: Error): void => {
        broken = error;
      };
      client.on("error", onError);
      try {
        await beginClaim(client);
        const rows = await claim(client, this.left());
        claimed = rows.length;
        const changes = await Promise.all(rows.map((row) => this.fireOne(row)));
        if (claimed > 0) {
          await advanceSchedules(
            client,
            changes.filter((change) => change !== null),
          );
        }
        await client.query("COMMIT");
        total += claimed;
      } catch (error) {
        broken ??= error as Error;
        throw error;
      } finally {
        client.off("error", onError);
        // A broken connection is closed, and with it the transaction.
        client.release(broken);
      }
    }
    return total;
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
