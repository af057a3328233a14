import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { RetryPolicy } from "../definition/index.ts";
import type { StepErrorCode } from "../model/step-error.ts";
import { retryDelayMs } from "./retry.ts";

const policy: RetryPolicy = {
  maxAttempts: 10,
  initialSeconds: 1,
  factor: 2,
  maxSeconds: 20,
  jitter: "none",
  onlyOn: null,
};

const failure = (options: { code?: StepErrorCode; retryable?: boolean; retryAfterMs?: number } = {}) => ({
  code: options.code ?? "HTTP_FAILED",
  retryable: options.retryable ?? true,
  retryAfterMs: options.retryAfterMs,
});

describe("the wait before the next attempt", () => {
  for (const [attempt, expected] of [
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 16_000],
    [6, 20_000],
    [9, 20_000],
    [10, null],
    [11, null],
  ] as const) {
    test(`after attempt ${attempt} is ${expected === null ? "none: there is no other" : `${expected} ms`}`, () => {
      assert.equal(retryDelayMs(policy, attempt, failure(), 0.5), expected);
    });
  }

  for (const { name, change, error, attempt = 1, expected } of [
    { name: "stays the same with a factor of 1", change: { factor: 1 }, error: failure(), attempt: 7, expected: 1_000 },
    { name: "takes fractions of a second", change: { initialSeconds: 0.25 }, error: failure(), expected: 250 },
    { name: "can be nothing", change: { initialSeconds: 0 }, error: failure(), attempt: 9, expected: 0 },
    { name: "is capped from the first", change: { maxSeconds: 0.5 }, error: failure(), expected: 500 },
    { name: "is none when one attempt is all", change: { maxAttempts: 1 }, error: failure(), expected: null },
    { name: "is none for what cannot be retried", change: {}, error: failure({ retryable: false }), expected: null },
    {
      name: "is none for a code that only_on does not name",
      change: { onlyOn: ["TIMEOUT"] },
      error: failure(),
      expected: null,
    },
    {
      name: "is there for a code that only_on names",
      change: { onlyOn: ["TIMEOUT", "HTTP_FAILED"] },
      error: failure(),
      expected: 1_000,
    },
    {
      name: "is none for what cannot be retried, though only_on names it",
      change: { onlyOn: ["CONFIG_INVALID"] },
      error: failure({ code: "CONFIG_INVALID", retryable: false }),
      expected: null,
    },
    {
      name: "is what Retry-After asks when that is longer",
      change: {},
      error: failure({ retryAfterMs: 5_000 }),
      expected: 5_000,
    },
    {
      name: "is the backoff when Retry-After asks for less",
      change: {},
      error: failure({ retryAfterMs: 10 }),
      expected: 1_000,
    },
    {
      name: "goes beyond max_seconds when Retry-After asks for it",
      change: {},
      error: failure({ retryAfterMs: 60_000 }),
      expected: 60_000,
    },
    {
      name: "is at most an hour, whatever Retry-After asks",
      change: {},
      error: failure({ retryAfterMs: 86_400_000 }),
      expected: 3_600_000,
    },
    {
      name: "ignores Retry-After after the last attempt",
      change: { maxAttempts: 1 },
      error: failure({ retryAfterMs: 1 }),
      expected: null,
    },
  ]) {
    test(name, () => {
      assert.equal(retryDelayMs({ ...policy, ...change }, attempt, error, 0.5), expected);
    });
  }

  test("is a uniform part of the backoff with full jitter", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (attempt, random) => {
          const whole = retryDelayMs(policy, attempt, failure(), random)!;
          assert.equal(
            retryDelayMs({ ...policy, jitter: "full" }, attempt, failure(), random),
            Math.round(whole * random),
          );
        },
      ),
    );
  });

  test("is a safe number of ms for every policy that a definition may hold", () => {
    fc.assert(
      fc.property(
        fc.record({
          maxAttempts: fc.constant(100),
          initialSeconds: fc.double({ min: 0, max: 3600, noNaN: true }),
          factor: fc.double({ min: 1, max: 10, noNaN: true }),
          maxSeconds: fc.double({ min: 0, max: 86_400, noNaN: true }),
          jitter: fc.constantFrom("full" as const, "none" as const),
          onlyOn: fc.constant(null),
        }),
        fc.integer({ min: 1, max: 99 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (generated, attempt, random) => {
          const delayMs = retryDelayMs(generated, attempt, failure(), random);
          assert.ok(Number.isSafeInteger(delayMs) && delayMs! >= 0 && delayMs! <= 86_400_000, String(delayMs));
        },
      ),
    );
  });
});
