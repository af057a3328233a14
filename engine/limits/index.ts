export { createRateLimiter } from "./create-rate-limiter.ts";
export type { Points, RateLimitClass, RateLimitDecision, RateLimiter, RateLimitVerdict } from "./rate-limiter.ts";
