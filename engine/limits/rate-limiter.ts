/**
 * Requests a minute and key, by class, as the REST contract documents them. A class has a budget of its own:
 * - `templates`: whatever touches templates
 * - `workflow_creation`: creating a workflow, also from a template
 * - `execution`: starting, cancelling, retrying and signalling executions
 * - `monitoring`: everything else, which is reading
 *
 * GraphQL spends the same budgets, so that neither face is a way around the other. Each root field is charged to the
 * class of its REST counterpart: a mutation that is asked for five times under aliases costs five. A field that reads
 * lists costs a point for every 100 nodes that it may return, rounded up, since that is what one REST page returns.
 * Points of one operation and class are added up and consumed at once, before it runs; a subscription costs a
 * `monitoring` point when it starts, and its events none.
 */
export const requestsPerMinute = {
  templates: 100,
  workflow_creation: 50,
  execution: 200,
  monitoring: 500,
} as const;

export type RateLimitClass = keyof typeof requestsPerMinute;

export interface RateLimitDecision {
  readonly allowed: boolean;
  /** Points a minute. */
  readonly limit: number;
  /** Points left until the reset. A refused request takes none. */
  readonly remaining: number;
  /** When the whole budget is there again: seconds since 1970, rounded up. */
  readonly resetAt: number;
  /** 0 when allowed, otherwise 1 to 60. */
  readonly retryAfterSeconds: number;
}

/** One budget per key and class; a minute begins with the first request. */
export interface RateLimiter {
  /**
   * Never rejects. `cost` is a whole number from 1; what costs more than the class's limit is always refused.
   * @param keyId tells the key, not the secret itself
   */
  consume(keyId: string, limitClass: RateLimitClass, cost?: number): Promise<RateLimitDecision>;
  close(): Promise<void>;
}
