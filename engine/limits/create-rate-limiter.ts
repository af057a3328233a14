import type { EngineLogger } from "../model/index.ts";
import type { Clock } from "../runtime/index.ts";
import { decide } from "./decision.ts";
import { MemoryRateLimiter } from "./memory-rate-limiter.ts";
import type { RateLimiter } from "./rate-limiter.ts";

export interface RateLimiterOptions {
  /** Absent: the budgets are this process' own, and nothing of Redis is loaded. */
  readonly redisUrl: string | undefined;
  /** Tells databases apart that share a Redis. */
  readonly namespace: string;
  /** False: everything is allowed, and takes nothing from the budgets. */
  readonly enabled: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly log: EngineLogger;
}

export async function createRateLimiter(options: RateLimiterOptions): Promise<RateLimiter> {
  const { redisUrl, namespace, enabled, clock, log } = options;
  if (!enabled) return unlimited(clock);
  if (redisUrl === undefined) return new MemoryRateLimiter(clock);
  const { RedisRateLimiter } = await import("./redis-rate-limiter.ts");
  return RedisRateLimiter.open({ redisUrl, namespace, clock, log });
}

const unlimited = (clock: Pick<Clock, "now">): RateLimiter => ({
  consume: async (_keyId, points) =>
    decide(
      [...points.keys()].map((limitClass) => ({ limitClass, points: 0, consumed: 0, msBeforeReset: 0 })),
      clock.now(),
    ),
  close: async () => {},
});
