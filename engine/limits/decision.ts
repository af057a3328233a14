import {
  type RateLimitClass,
  type RateLimitDecision,
  type RateLimitVerdict,
  requestsPerMinute,
} from "./rate-limiter.ts";

/** What is asked of a budget, and how it stands before that. */
export interface Asked {
  readonly limitClass: RateLimitClass;
  readonly points: number;
  readonly consumed: number;
  /** Until its minute ends. */
  readonly msBeforeReset: number;
}

/** At least one budget is asked. `now`: for whoever is told when to come again, ms since the epoch. */
export function decide(asked: readonly Asked[], now: number): RateLimitVerdict {
  const allowed = asked.every(fits);
  const budgets = asked.map((one) => decisionOf(one, allowed, now));
  return { allowed, budgets, tightest: budgets.reduce((least, one) => (isTighter(one, least) ? one : least)) };
}

function fits({ limitClass, points, consumed }: Asked): boolean {
  return consumed + points <= requestsPerMinute[limitClass];
}

function decisionOf(asked: Asked, isTaken: boolean, now: number): RateLimitDecision {
  const { limitClass, points, consumed, msBeforeReset } = asked;
  const limit = requestsPerMinute[limitClass];
  const allowed = fits(asked);
  return {
    limitClass,
    allowed,
    limit,
    remaining: limit - consumed - (isTaken ? points : 0),
    resetAt: Math.ceil((now + msBeforeReset) / 1000),
    retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil(msBeforeReset / 1000)),
  };
}

function isTighter(one: RateLimitDecision, other: RateLimitDecision): boolean {
  if (one.retryAfterSeconds !== other.retryAfterSeconds) return one.retryAfterSeconds > other.retryAfterSeconds;
  return one.remaining / one.limit < other.remaining / other.limit;
}
