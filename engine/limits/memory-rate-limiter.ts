import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { decide } from "./decision.ts";
import { forEachClass } from "./limit-classes.ts";
import type { RateLimitClass, RateLimitDecision, RateLimiter } from "./rate-limiter.ts";

/** For one process. */
export class MemoryRateLimiter implements RateLimiter {
  private readonly limiters = forEachClass((points) => new RateLimiterMemory({ points, duration: 60 }));

  async consume(keyId: string, limitClass: RateLimitClass, cost = 1): Promise<RateLimitDecision> {
    const limiter = this.limiters[limitClass];
    // Refusals are rejections, with the same content.
    const result = await limiter.consume(keyId, cost).catch((refused: RateLimiterRes) => refused);
    const decision = decide(limitClass, cost, result.consumedPoints, result.msBeforeNext);
    if (!decision.allowed) await limiter.reward(keyId, cost);
    return decision;
  }

  async close(): Promise<void> {}
}
