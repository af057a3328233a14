import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type RateLimitClass, type RateLimiter, requestsPerMinute } from "./rate-limiter.ts";

/** Fresh budgets for each test. */
export interface RateLimiterHarness {
  readonly limiter: RateLimiter;
  /** The minute of every budget that was begun is over. */
  passMinute(): Promise<void>;
  close(): Promise<void>;
}

/** What every rate limiter does. */
export function rateLimiterContract(name: string, open: () => Promise<RateLimiterHarness>): void {
  describe(`${name} rate limiter`, { timeout: 30_000 }, () => {
    let harness: RateLimiterHarness;
    let limiter: RateLimiter;
    beforeEach(async () => {
      harness = await open();
      limiter = harness.limiter;
    });
    afterEach(() => harness.close());

    const classes = Object.keys(requestsPerMinute) as RateLimitClass[];

    test("has the documented budgets, each class its own", async () => {
      const limits: Record<string, number> = {};
      for (const limitClass of classes) {
        const { allowed, limit, remaining } = await limiter.consume("key", limitClass);
        assert.deepEqual([allowed, remaining], [true, limit - 1]);
        limits[limitClass] = limit;
      }
      assert.deepEqual(limits, { templates: 100, workflow_creation: 50, execution: 200, monitoring: 500 });
    });

    test("allows exactly the budget, however many ask at once, and says when to come again", async () => {
      const decisions = await Promise.all(
        Array.from({ length: 80 }, () => limiter.consume("key", "workflow_creation")),
      );
      const refused = decisions.filter((decision) => !decision.allowed);
      assert.equal(refused.length, 30);
      const now = Date.now() / 1000;
      for (const { remaining, retryAfterSeconds, resetAt } of refused) {
        assert.equal(remaining, 0);
        assert.ok(retryAfterSeconds >= 1 && retryAfterSeconds <= 60);
        assert.ok(Number.isInteger(resetAt) && resetAt > now && resetAt <= now + 61);
      }
      assert.ok(decisions.filter((decision) => decision.allowed).every((decision) => decision.retryAfterSeconds === 0));
    });

    test("gives each key a budget of its own", async () => {
      await limiter.consume("a", "workflow_creation", 50);
      assert.equal((await limiter.consume("a", "workflow_creation")).allowed, false);
      assert.equal((await limiter.consume("b", "workflow_creation")).allowed, true);
    });

    test("takes the cost of a request, and nothing for one that it refuses", async () => {
      assert.equal((await limiter.consume("key", "templates", 90)).remaining, 10);
      const refused = await limiter.consume("key", "templates", 11);
      assert.deepEqual([refused.allowed, refused.remaining], [false, 10]);
      const fits = await limiter.consume("key", "templates", 10);
      assert.deepEqual([fits.allowed, fits.remaining], [true, 0]);
    });

    test("refuses what costs more than there ever is", async () => {
      const { allowed, remaining } = await limiter.consume("key", "templates", 101);
      assert.deepEqual([allowed, remaining], [false, 100]);
      assert.equal((await limiter.consume("key", "templates", 100)).allowed, true);
    });

    test("gives the whole budget again when the minute is over", async () => {
      await limiter.consume("key", "workflow_creation", 50);
      assert.equal((await limiter.consume("key", "workflow_creation")).allowed, false);
      await harness.passMinute();
      const { allowed, remaining } = await limiter.consume("key", "workflow_creation");
      assert.deepEqual([allowed, remaining], [true, 49]);
    });
  });
}
