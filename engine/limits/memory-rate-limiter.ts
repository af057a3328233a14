import type { Clock } from "../runtime/index.ts";
import { decide } from "./decision.ts";
import { BUDGET_MS, type Points, type RateLimiter, type RateLimitVerdict } from "./rate-limiter.ts";

interface Budget {
  consumed: number;
  readonly endsAt: number;
}

/** For one process. */
export class MemoryRateLimiter implements RateLimiter {
  private readonly budgets = new Map<string, Budget>();
  private sweepAt = 0;

  constructor(private readonly clock: Pick<Clock, "now">) {}

  async consume(keyId: string, points: Points): Promise<RateLimitVerdict> {
    const now = this.clock.now();
    this.sweep(now);
    const asked = [...points].map(([limitClass, own]) => {
      const name = `${limitClass}:${keyId}`;
      const found = this.budgets.get(name);
      const budget = found && found.endsAt > now ? found : { consumed: 0, endsAt: now + BUDGET_MS };
      return { name, budget, limitClass, points: own, consumed: budget.consumed, msBeforeReset: budget.endsAt - now };
    });
    const verdict = decide(asked, now);
    if (verdict.allowed) {
      for (const { name, budget, points: own } of asked) {
        budget.consumed += own;
        this.budgets.set(name, budget);
      }
    }
    return verdict;
  }

  async close(): Promise<void> {}

  /** Once a minute: nobody may come for them again. */
  private sweep(now: number): void {
    if (now < this.sweepAt) return;
    this.sweepAt = now + BUDGET_MS;
    for (const [name, { endsAt }] of this.budgets) if (endsAt <= now) this.budgets.delete(name);
  }
}
