import { type RateLimitClass, requestsPerMinute } from "./rate-limiter.ts";

export function forEachClass<Limiter>(
  create: (points: number, limitClass: RateLimitClass) => Limiter,
): Record<RateLimitClass, Limiter> {
  const limiter = (limitClass: RateLimitClass): Limiter => create(requestsPerMinute[limitClass], limitClass);
  return {
    templates: limiter("templates"),
    workflow_creation: limiter("workflow_creation"),
    execution: limiter("execution"),
    monitoring: limiter("monitoring"),
  };
}
