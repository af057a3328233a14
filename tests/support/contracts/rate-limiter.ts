import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import {
  type RateLimitClass,
  type RateLimitDecision,
  type RateLimiter,
  type RateLimitVerdict,
  requestsPerMinute,
} from "../../../engine/limits/rate-limiter.ts";

/** Fresh budgets for each test. */
export interface RateLimiterHarness {
  readonly limiter: RateLimiter;
  /** The minute of every budget that was begun is over. */
  passMinute(): Promise<void>;
  close(): Promise<void>;
}

/** Of one class. */
export async function spend(
  limiter: RateLimiter,
  keyId: string,
  limitClass: RateLimitClass,
  points = 1,
): Promise<RateLimitDecision> {
  return (await limiter.consume(keyId, new Map([[limitClass, points]]))).tightest;
}

/** What every rate limiter does. */
export function rateLimiterContract(name: string, open: () => Promise<RateLimiterHarness>): void {
  describe(`${name} rate limiter`, { timeout: 120_000 }, () => {
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
        const { allowed, limit, remaining } = await spend(limiter, "key", limitClass);
        assert.deepEqual([allowed, remaining], [true, limit - 1]);
        limits[limitClass] = limit;
      }
      assert.deepEqual(limits, {
        templates: 100,
        workflow_creation: 50,
        execution: 200,
        monitoring: 500,
        descendants: 6_000,
      });
    });

    test("allows exactly the budget, however many ask at once, and says when to come again", async () => {
      const decisions = await Promise.all(Array.from({ length: 80 }, () => spend(limiter, "key", "workflow_creation")));
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
      await spend(limiter, "a", "workflow_creation", 50);
      assert.equal((await spend(limiter, "a", "workflow_creation")).allowed, false);
      assert.equal((await spend(limiter, "b", "workflow_creation")).allowed, true);
    });

    test("takes the cost of a request, and nothing for one that it refuses", async () => {
      assert.equal((await spend(limiter, "key", "templates", 90)).remaining, 10);
      const refused = await spend(limiter, "key", "templates", 11);
      assert.deepEqual([refused.allowed, refused.remaining], [false, 10]);
      const fits = await spend(limiter, "key", "templates", 10);
      assert.deepEqual([fits.allowed, fits.remaining], [true, 0]);
    });

    test("refuses what costs more than there ever is", async () => {
      const { allowed, remaining } = await spend(limiter, "key", "templates", 101);
      assert.deepEqual([allowed, remaining], [false, 100]);
      assert.equal((await spend(limiter, "key", "templates", 100)).allowed, true);
    });

    test("takes from several budgets, or from none of them", async () => {
      const both = new Map<RateLimitClass, number>([
        ["monitoring", 30],
        ["workflow_creation", 20],
      ]);
      const left = ({ budgets }: RateLimitVerdict) =>
        budgets.map(({ limitClass, remaining }) => [limitClass, remaining]);
      const taken = await limiter.consume("key", both);
      assert.deepEqual(left(taken), [
        ["monitoring", 470],
        ["workflow_creation", 30],
      ]);
      assert.deepEqual([taken.allowed, taken.tightest.limitClass], [true, "workflow_creation"]);
      const verdicts = await Promise.all(Array.from({ length: 5 }, () => limiter.consume("key", both)));
      assert.deepEqual(
        verdicts.map(({ allowed }) => allowed),
        [true, false, false, false, false],
      );
      for (const refused of verdicts.slice(1)) {
        assert.deepEqual(left(refused), [
          ["monitoring", 440],
          ["workflow_creation", 10],
        ]);
        const [monitoring, creation] = refused.budgets;
        assert.deepEqual([monitoring!.allowed, creation!.allowed], [true, false]);
        assert.equal(refused.tightest, creation);
      }
      assert.equal((await spend(limiter, "key", "monitoring")).remaining, 439);
      assert.equal((await spend(limiter, "key", "workflow_creation", 10)).remaining, 0);
    });

    test("gives the whole budget again when the minute is over", async () => {
      await spend(limiter, "key", "workflow_creation", 50);
      assert.equal((await spend(limiter, "key", "workflow_creation")).allowed, false);
      await harness.passMinute();
      const { allowed, remaining } = await spend(limiter, "key", "workflow_creation");
      assert.deepEqual([allowed, remaining], [true, 49]);
    });
  });
}
