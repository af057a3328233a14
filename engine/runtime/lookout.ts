import { type Clock, steadyClock } from "./clock.ts";
import { withoutDeadline } from "./deadline.ts";

/** Hints get lost, and processes die with rows in their hands: a look this often bounds what that costs. */
const MAX_WAIT_MS = 60_000;

export interface LookoutOptions {
  /** Takes what is due, as far as there is room for it. */
  take(): Promise<void>;
  /** When the next is due, in ms since the epoch. Null: there is none; or no room, and whoever makes some wakes. */
  nextAt(): Promise<number | null>;
  /** A look has failed; the next is after `retryMs`, or when it is woken. */
  failed(error: unknown): void;
  readonly retryMs: number;
  /** What is due and was not taken is in another process's hands, and looked at again after so long. */
  readonly passedOverMs: number;
  /** Default: that of this process alone. */
  readonly clock?: Clock;
}

/**
 * Looks out for rows that come due: takes those that are, then waits for the next with one timer. It looks once at a
 * time; what comes up meanwhile makes it look once more. Any number of processes may look out for the same rows.
 */
export class Lookout {
  private readonly clock: Clock;
  private looking: Promise<void> | null = null;
  private again = false;
  private isOn = false;
  private isFailing = false;
  private disarm: (() => void) | null = null;
  private armedAt = Number.POSITIVE_INFINITY;

  constructor(private readonly options: LookoutOptions) {
    this.clock = options.clock ?? steadyClock;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    this.isOn = true;
    await this.look();
  }

  /** There is something new to take, or room for more. */
  wake(): void {
    void this.look();
  }

  /** Something will be due at `at`, in ms since the epoch. */
  expect(at: number): void {
    if (this.looking) this.again = true;
    else this.arm(at);
  }

  /** Looks no more; resolves when the look that is under way is over. */
  async stop(): Promise<void> {
    this.isOn = false;
    this.disarm?.();
    await this.looking;
  }

  /** Whether the last look succeeded. */
  get isHealthy(): boolean {
    return !this.isFailing;
  }

  private async look(): Promise<void> {
    if (!this.isOn) return;
    this.again = true;
    // Whoever wakes it may be a request: what it takes is not that one's.
    this.looking ??= withoutDeadline(() => this.lookOn());
    await this.looking;
  }

  private async lookOn(): Promise<void> {
    this.disarm?.();
    this.armedAt = Number.POSITIVE_INFINITY;
    let next = this.armedAt;
    while (this.again && this.isOn) {
      this.again = false;
      next = await this.lookOnce();
    }
    this.looking = null;
    this.arm(next);
  }

  /** Returns when to look again. */
  private async lookOnce(): Promise<number> {
    const { options, clock } = this;
    try {
      await options.take();
      // Woken meanwhile, the next look is now; stopped, there is none.
      const next = this.again || !this.isOn ? null : await options.nextAt();
      this.isFailing = false;
      const now = clock.now();
      const at = next !== null && next <= now ? now + options.passedOverMs : next;
      return Math.min(at ?? Number.POSITIVE_INFINITY, now + MAX_WAIT_MS);
    } catch (error) {
      this.isFailing = true;
      options.failed(error);
      return clock.now() + options.retryMs;
    }
  }

  private arm(at: number): void {
    if (!this.isOn || at >= this.armedAt) return;
    this.disarm?.();
    this.armedAt = at;
    this.disarm = this.clock.at(at, () => this.look());
  }
}
