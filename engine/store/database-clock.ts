import { uptime } from "node:os";
import type pg from "pg";
import type { EngineLogger } from "../model/index.ts";
import { type Clock, clockOf, fenced } from "../runtime/index.ts";

/** A clock of quartz drifts by 5 s a day; one that is set wrong is noticed this soon. */
const MEASURE_EVERY_MS = 5_000;
/** An answer that took longer says too little about when it was given. */
const MAX_ROUND_TRIP_MS = 1_000;
/** Service time goes so much faster or slower until it agrees with Postgres again: a wait of a minute is off by 6 s at most. */
const SLEW = 0.1;
/** From so far on somebody has set a clock. */
const TOLD_FROM_MS = 1_000;
/** The machine slept when it was up for so much longer than the monotonic clock says. */
const SLEPT_FROM_MS = 2_000;

/** What the clock is made of. Tests bring their own. */
export interface TimeSources {
  /** Postgres' time, ms since the epoch. */
  database(): Promise<number>;
  /** ms that have passed, whatever is done to the machine's clock. */
  monotonic(): number;
  /** The same, with the time in which the machine slept. */
  up(): number;
}

function sourcesOf(pool: pg.Pool): TimeSources {
  return {
    database: async () => {
      const text = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms";
      const { rows } = await pool.query<{ ms: number }>({ name: "clock", text });
      return rows[0]!.ms;
    },
    monotonic: () => performance.now(),
    up: () => uptime() * 1_000,
  };
}

/**
 * Service time: Postgres' clock when the process started, and the monotonic clock from there. What is stored as an instant
 * (the end of a wait, a deadline, a lease) therefore comes after the duration that was meant, whoever sets which clock
 * in between, here or at Postgres. Differences are made up slowly, so that all processes of a database agree.
 */
export class DatabaseClock implements Clock {
  readonly at: Clock["at"];
  private base = 0;
  private basedAt = 0;
  private upAt = 0;
  private difference = 0;
  private isTold = false;
  private readonly timer: NodeJS.Timeout;

  /** Asks Postgres for the time. */
  static async open(pool: pg.Pool, log: EngineLogger, sources = sourcesOf(pool)): Promise<DatabaseClock> {
    const clock = new DatabaseClock(sources, log);
    clock.base = await sources.database();
    clock.basedAt = sources.monotonic();
    clock.upAt = sources.up();
    return clock;
  }

  private constructor(
    private readonly sources: TimeSources,
    private readonly log: EngineLogger,
  ) {
    this.at = clockOf(() => this.now()).at;
    this.timer = setInterval(
      fenced("clock", () => this.measure()),
      MEASURE_EVERY_MS,
    ).unref();
  }

  now(): number {
    return Math.floor(this.precise(this.sources.monotonic()));
  }

  /** What Postgres' clock is ahead by, in ms: far from 0 after somebody has set it. */
  get skewMs(): number {
    return this.difference - this.caughtUp(this.sources.monotonic());
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Compares with Postgres. While that cannot be asked time goes on as it was going. */
  async measure(): Promise<void> {
    const sentAt = this.sources.monotonic();
    const time = await this.sources.database().catch(() => null);
    const answeredAt = this.sources.monotonic();
    const slept = this.slept(answeredAt);
    if (time === null || answeredAt - sentAt > MAX_ROUND_TRIP_MS) {
      if (slept > 0) this.rebase(answeredAt, slept, this.skewMs);
      return;
    }
    const own = this.precise(answeredAt) + slept;
    this.rebase(answeredAt, slept, time + (answeredAt - sentAt) / 2 - own);
    this.tell();
  }

  private rebase(monotonic: number, slept: number, difference: number): void {
    this.base = this.precise(monotonic) + slept;
    this.basedAt = monotonic;
    this.upAt = this.sources.up();
    this.difference = difference;
  }

  private precise(monotonic: number): number {
    return this.base + (monotonic - this.basedAt) + this.caughtUp(monotonic);
  }

  /** How much of the difference has been made up. */
  private caughtUp(monotonic: number): number {
    const most = (monotonic - this.basedAt) * SLEW;
    return Math.min(Math.max(this.difference, -most), most);
  }

  private slept(monotonic: number): number {
    const ms = this.sources.up() - this.upAt - (monotonic - this.basedAt);
    return ms >= SLEPT_FROM_MS ? ms : 0;
  }

  private tell(): void {
    const isOff = Math.abs(this.difference) >= TOLD_FROM_MS;
    if (isOff && !this.isTold) {
      this.log("warning", "A clock was set: service time follows by a tenth, or at once with a restart", {
        difference_ms: Math.round(this.difference),
      });
    }
    this.isTold = isOff;
  }
}
