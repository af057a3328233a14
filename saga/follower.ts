import { type EngineLogger, withoutDeadline } from "../engine/index.ts";

/** A look that found the work done elsewhere, or that failed, is repeated after so long. */
const RETRY_MS = 1_000;

/**
 * How a look ended: `done` until the next hint, `more` at once, `later` after a second, a number of ms of rest, or `done` with a
 * hint that comes by itself after so many ms.
 */
export type Outcome = "done" | "more" | "later" | number | { readonly hintInMs: number };

/** Repeats a piece of work for as long as there is some: after each hint, one at a time, and never without one. */
export class Follower {
  private running: Promise<void> | null = null;
  private hinted = false;
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;
  private rested: (() => void) | null = null;
  private nextHint: NodeJS.Timeout | null = null;

  constructor(
    private readonly name: string,
    private readonly look: () => Promise<Outcome>,
    private readonly log: EngineLogger,
  ) {}

  readonly hint = (): void => {
    this.hinted = true;
    if (this.stopped || this.running !== null) return;
    this.running = withoutDeadline(() => this.run()).finally(() => {
      this.running = null;
      if (this.hinted && !this.stopped) this.hint();
    });
  };

  /** Ends after the look that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    if (this.nextHint) clearTimeout(this.nextHint);
    this.rested?.();
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.hinted && !this.stopped) {
      this.hinted = false;
      const outcome = await this.look().catch((error: unknown): Outcome => {
        this.log("warning", `${this.name} could not go on; trying again`, { error: String(error) });
        return "later";
      });
      if (outcome === "more") this.hinted = true;
      else if (outcome === "later") await this.rest(RETRY_MS);
      else if (typeof outcome === "object") this.hintIn(outcome.hintInMs);
      else if (outcome !== "done") await this.rest(outcome);
    }
  }

  private hintIn(ms: number): void {
    if (this.nextHint) clearTimeout(this.nextHint);
    this.nextHint = setTimeout(this.hint, ms).unref();
  }

  private async rest(ms: number): Promise<void> {
    this.hinted = true;
    await new Promise<void>((resolve) => {
      this.rested = resolve;
      this.timer = setTimeout(resolve, ms).unref();
    });
  }
}
