import { type RateLimitClass, type RateLimitDecision, requestsPerMinute } from "./rate-limiter.ts";

/** `consumed` of the running minute, this request included; `msBeforeReset` until it ends. */
export function decide(
  limitClass: RateLimitClass,
  cost: number,
  consumed: number,
  msBeforeReset: number,
): RateLimitDecision {
  const limit = requestsPerMinute[limitClass];
  const allowed = consumed <= limit;
  return {
    allowed,
    limit,
    remaining: Math.max(0, limit - (allowed ? consumed : consumed - cost)),
    resetAt: Math.ceil((Date.now() + msBeforeReset) / 1000),
    retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil(msBeforeReset / 1000)),
  };
}
