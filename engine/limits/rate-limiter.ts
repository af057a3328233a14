/**
 * Requests a minute and key, by class, as the REST contract documents them. A class has a budget of its own:
 * - `templates`: whatever touches templates
 * - `workflow_creation`: creating a workflow, also from a template
 * - `execution`: starting, cancelling, retrying and signalling executions; having a file read, recognised or converted
 * - `monitoring`: everything else, which is reading
 * - `descendants`: of a tenant, not a key: executions that its workflows start by themselves. Whoever has spent it waits.
 *
 * GraphQL spends the same budgets, so that neither face is a way around the other. Each root field is charged to the
 * class of its REST counterpart: a mutation that is asked for five times under aliases costs five. A field that reads
 * lists costs a point for every 100 nodes that it may return, rounded up, since that is what one REST page returns.
 * What does many things at once costs a point for every 5 of them: `retryExecutions`, `cancelExecutions`, `backfillSchedule`.
 * Budgets are asked before scopes, so that refusals are paid for, too.
 * Points of one operation are added up by class and consumed at once, before it runs; a subscription costs a
 * `monitoring` point when it starts, and its events none.
 */
export const requestsPerMinute = {
  templates: 100,
  workflow_creation: 50,
  execution: 200,
  monitoring: 500,
  descendants: 6_000,
} as const;

export type RateLimitClass = keyof typeof requestsPerMinute;

/** What is asked of the budgets of one key: whole numbers from 1. At least one class. */
export type Points = ReadonlyMap<RateLimitClass, number>;

/** How the budget of a class stands to what is asked of it. */
export interface RateLimitDecision {
  readonly limitClass: RateLimitClass;
  /** Whether it has the points. */
  readonly allowed: boolean;
  /** Points a minute. */
  readonly limit: number;
  /** Points left until the reset. */
  readonly remaining: number;
  /** When the whole budget is there again: seconds since 1970, rounded up. */
  readonly resetAt: number;
  /** 0 when allowed, otherwise 1 to 60. */
  readonly retryAfterSeconds: number;
}

export interface RateLimitVerdict {
  /** Whether every budget has its points. */
  readonly allowed: boolean;
  readonly budgets: readonly RateLimitDecision[];
  /** The one that refuses for the longest, or else is nearest to its end. */
  readonly tightest: RateLimitDecision;
}

/** From the first request that is allowed to the end of a budget's minute. */
export const BUDGET_MS = 60_000;

/** One budget per key and class. */
export interface RateLimiter {
  /**
   * Takes the points of every class, or none when one has not enough. Never rejects; what costs more than the limit of
   * its class is always refused.
   * @param keyId tells the key, not the secret itself
   */
  consume(keyId: string, points: Points): Promise<RateLimitVerdict>;
  close(): Promise<void>;
}
