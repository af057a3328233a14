import type { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { EngineLogger } from "../log.ts";
import { closeRedis, connectRedis, failFast, redisReady } from "../redis/connection.ts";
import { decide } from "./decision.ts";
import { forEachClass } from "./limit-classes.ts";
import { MemoryRateLimiter } from "./memory-rate-limiter.ts";
import type { RateLimitClass, RateLimitDecision, RateLimiter } from "./rate-limiter.ts";

/** What a request waits for Redis at most. */
const ANSWER_LIMIT_MS = 250;
/** After one that waited in vain, the others do not try for a while. */
const AVOID_MS = 1_000;

/** Takes the points only if the budget has them. Answers with what would then be consumed, as its caller expects. */
const takeIfItFits = `
  local consumed = tonumber(redis.call('GET', KEYS[1]) or '0')
  local ttl_ms = redis.call('PTTL', KEYS[1])
  if ttl_ms <= 0 then
    consumed = 0
    ttl_ms = ARGV[2] * 1000
  end
  consumed = consumed + ARGV[1]
  if consumed <= tonumber(ARGV[3]) then
    redis.call('SET', KEYS[1], consumed, 'PX', ttl_ms)
  end
  return {consumed, ttl_ms}`;

export interface RedisRateLimiterOptions {
  readonly redisUrl: string;
  /** Tells databases apart that share a Redis. */
  readonly namespace: string;
  readonly log: EngineLogger;
}

/** One budget for all processes. While Redis is away each process has a budget of its own: nobody is refused for that. */
export class RedisRateLimiter implements RateLimiter {
  private readonly limiters: Record<RateLimitClass, RateLimiterRedis>;
  private readonly fallback = new MemoryRateLimiter();
  private avoidUntil = 0;

  private constructor(
    private readonly redis: Redis,
    namespace: string,
  ) {
    this.limiters = forEachClass(
      (points, limitClass) =>
        new RateLimiterRedis({
          storeClient: redis,
          points,
          duration: 60,
          keyPrefix: `stepwire:${namespace}:limit:${limitClass}`,
          rejectIfRedisNotReady: true,
          customIncrTtlLuaScript: takeIfItFits,
        }),
    );
  }

  /** Resolves when Redis can be used, or cannot be reached for now. */
  static async open({ redisUrl, namespace, log }: RedisRateLimiterOptions): Promise<RedisRateLimiter> {
    const redis = connectRedis(redisUrl, "limits", log, { ...failFast, commandTimeout: ANSWER_LIMIT_MS });
    await redisReady(redis);
    return new RedisRateLimiter(redis, namespace);
  }

  async consume(keyId: string, limitClass: RateLimitClass, cost = 1): Promise<RateLimitDecision> {
    if (Date.now() < this.avoidUntil) return this.fallback.consume(keyId, limitClass, cost);
    try {
      const { consumedPoints, msBeforeNext } = await this.limiters[limitClass].consume(keyId, cost);
      return decide(limitClass, cost, consumedPoints, msBeforeNext);
    } catch (error) {
      if (error instanceof RateLimiterRes) return decide(limitClass, cost, error.consumedPoints, error.msBeforeNext);
      if (this.redis.status === "ready") this.avoidUntil = Date.now() + AVOID_MS;
      return this.fallback.consume(keyId, limitClass, cost);
    }
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }
}
