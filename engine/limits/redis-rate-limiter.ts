import type { Redis, Result } from "ioredis";
import type { EngineLogger } from "../model/index.ts";
import { loadRedis } from "../redis/index.ts";
import type { Clock } from "../runtime/index.ts";
import { decide } from "./decision.ts";
import { MemoryRateLimiter } from "./memory-rate-limiter.ts";
import { BUDGET_MS, type Points, type RateLimiter, type RateLimitVerdict, requestsPerMinute } from "./rate-limiter.ts";

const { closeRedis, connectRedis, failFast, redisReady } = await loadRedis();

/** What a request waits for Redis at most. */
const ANSWER_LIMIT_MS = 250;
/** After one that waited in vain, the others do not try for a while. */
const AVOID_MS = 1_000;

/**
 * KEYS are budgets; ARGV is the length of a minute, then points and limit of each. Takes the points only if every budget
 * has them. Answers with how each stood before that: what was consumed, and the ms until its minute ends.
 */
const takeIfAllFit = `
  local standing = {}
  local fit = true
  for i, key in ipairs(KEYS) do
    if redis.call('TYPE', key).ok ~= 'string' then
      redis.call('DEL', key)
    end
    local consumed = tonumber(redis.call('GET', key) or '0')
    local ttl_ms = redis.call('PTTL', key)
    if ttl_ms <= 0 or ttl_ms > tonumber(ARGV[1]) or not consumed or not (consumed >= 0) then
      consumed = 0
      ttl_ms = tonumber(ARGV[1])
    end
    if consumed + ARGV[2 * i] > tonumber(ARGV[2 * i + 1]) then
      fit = false
    end
    standing[2 * i - 1] = consumed
    standing[2 * i] = ttl_ms
  end
  if fit then
    for i, key in ipairs(KEYS) do
      redis.call('SET', key, standing[2 * i - 1] + ARGV[2 * i], 'PX', standing[2 * i])
    end
  end
  return standing`;

declare module "ioredis" {
  interface RedisCommander<Context> {
    takeIfAllFit(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number[], Context>;
  }
}

export interface RedisRateLimiterOptions {
  readonly redisUrl: string;
  /** Tells databases apart that share a Redis. */
  readonly namespace: string;
  readonly clock: Pick<Clock, "now">;
  readonly log: EngineLogger;
}

/** One budget for all processes. While Redis is away each process has a budget of its own: nobody is refused for that. */
export class RedisRateLimiter implements RateLimiter {
  private readonly fallback: MemoryRateLimiter;
  private avoidUntil = 0;

  private constructor(
    private readonly redis: Redis,
    private readonly namespace: string,
    private readonly clock: Pick<Clock, "now">,
  ) {
    this.fallback = new MemoryRateLimiter(clock);
  }

  /** Resolves when Redis can be used, or cannot be reached for now. */
  static async open({ redisUrl, namespace, clock, log }: RedisRateLimiterOptions): Promise<RedisRateLimiter> {
    const redis = connectRedis(redisUrl, "limits", log, { ...failFast, commandTimeout: ANSWER_LIMIT_MS });
    redis.defineCommand("takeIfAllFit", { lua: takeIfAllFit });
    await redisReady(redis);
    return new RedisRateLimiter(redis, namespace, clock);
  }

  async consume(keyId: string, points: Points): Promise<RateLimitVerdict> {
    if (this.clock.now() < this.avoidUntil) return this.fallback.consume(keyId, points);
    try {
      return await this.take(keyId, points);
    } catch {
      if (this.redis.status === "ready") this.avoidUntil = this.clock.now() + AVOID_MS;
      return this.fallback.consume(keyId, points);
    }
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }

  private async take(keyId: string, points: Points): Promise<RateLimitVerdict> {
    const asked = [...points].map(([limitClass, own]) => ({ limitClass, points: own }));
    const keys = asked.map(({ limitClass }) => `stepwire:${this.namespace}:limit:${limitClass}:${keyId}`);
    const wanted = asked.flatMap(({ limitClass, points: own }) => [own, requestsPerMinute[limitClass]]);
    const standing = await this.redis.takeIfAllFit(keys.length, ...keys, BUDGET_MS, ...wanted);
    return decide(
      asked.map((one, i) => ({ ...one, consumed: standing[2 * i]!, msBeforeReset: standing[2 * i + 1]! })),
      this.clock.now(),
    );
  }
}
