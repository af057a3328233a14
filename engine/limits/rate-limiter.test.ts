import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { rateLimiterContract, spend } from "../../tests/support/contracts/rate-limiter.ts";
import {
  anyRedis,
  skipWithoutRedis,
  skipWithoutRedisServer,
  type TestRedis,
  testRedis,
} from "../../tests/support/redis.ts";
import { type Clock, steadyClock } from "../runtime/clock.ts";
import { createRateLimiter } from "./create-rate-limiter.ts";
import type { RateLimiter } from "./rate-limiter.ts";

const open = (
  redisUrl: string | undefined,
  namespace: string = randomUUID(),
  { enabled = true, clock = steadyClock as Pick<Clock, "now"> } = {},
): Promise<RateLimiter> => createRateLimiter({ redisUrl, namespace, enabled, clock, log: () => {} });

rateLimiterContract("the in-memory", async () => {
  let passed = 0;
  const clock = { now: () => steadyClock.now() + passed };
  return {
    limiter: await open(undefined, "n", { clock }),
    passMinute: async () => {
      passed += 60_000;
    },
    close: async () => {},
  };
});

test("limits that are off allow everything and count nothing", async () => {
  const limiter = await open(undefined, "n", { enabled: false });
  for (let i = 0; i < 60; i++) {
    const { allowed, remaining, limit } = await spend(limiter, "key", "workflow_creation", 10);
    assert.deepEqual([allowed, remaining, limit], [true, 50, 50]);
  }
});

describe("Redis", { skip: skipWithoutRedis }, () => {
  let redis: Pick<TestRedis, "url" | "close">;
  before(async () => {
    redis = await anyRedis();
  });
  after(() => redis.close());

  rateLimiterContract("the Redis", async () => {
    const namespace = randomUUID();
    const limiter = await open(redis.url, namespace);
    const admin = new Redis(redis.url);
    return {
      limiter,
      passMinute: async () => {
        // As if it had run out: what expired is not there.
        await admin.del(await admin.keys(`stepwire:${namespace}:*`));
      },
      close: async () => {
        admin.disconnect();
        await limiter.close();
      },
    };
  });

  test("what others put in place of a budget is no budget: it begins anew, and refuses nobody", async () => {
    const limiter = await open(redis.url, "garbage");
    const admin = new Redis(redis.url);
    const key = "stepwire:garbage:limit:execution:key";
    try {
      for (const put of [
        () => admin.rpush(key, "a", "b"),
        () => admin.hset(key, "a", "b"),
        () => admin.set(key, "text", "PX", 30_000),
        () => admin.set(key, "-1000", "PX", 30_000),
        () => admin.set(key, "nan", "PX", 30_000),
        () => admin.set(key, "1000", "PX", 86_400_000),
        () => admin.set(key, "1000"),
      ]) {
        await admin.del(key);
        await put();
        const { allowed, remaining } = await spend(limiter, "key", "execution");
        assert.deepEqual([allowed, remaining], [true, 199]);
        assert.equal(await admin.get(key), "1", "in Redis, for all processes");
      }
    } finally {
      admin.disconnect();
      await limiter.close();
    }
  });

  test("processes share a budget, and its minute ends in Redis too", async () => {
    const [one, two, foreign] = [await open(redis.url, "n"), await open(redis.url, "n"), await open(redis.url, "m")];
    const admin = new Redis(redis.url);
    try {
      const all = [one, two].flatMap((limiter) =>
        Array.from({ length: 150 }, () => spend(limiter, "key", "execution")),
      );
      assert.equal((await Promise.all(all)).filter((decision) => decision.allowed).length, 200);
      assert.equal((await spend(foreign, "key", "execution")).remaining, 199);
      const ttlMs = await admin.pttl("stepwire:n:limit:execution:key");
      assert.ok(ttlMs > 50_000 && ttlMs <= 60_000);
    } finally {
      admin.disconnect();
      await Promise.all([one.close(), two.close(), foreign.close()]);
    }
  });
});

describe("a Redis that goes away", { skip: skipWithoutRedisServer, timeout: 120_000 }, () => {
  let redis: TestRedis;
  before(async () => {
    redis = await testRedis();
  });
  after(() => redis.close());

  test("leaves each process a budget of its own, and shares one again when it is back", async () => {
    const [one, two] = [await open(redis.url, "n"), await open(redis.url, "n")];
    try {
      assert.equal((await spend(one, "key", "templates", 90)).remaining, 10);
      await redis.kill();
      assert.equal((await spend(one, "key", "templates", 60)).remaining, 40);
      assert.equal((await spend(two, "key", "templates", 70)).remaining, 30);
      assert.equal((await spend(two, "key", "templates", 31)).allowed, false);
      await redis.start();
      // Each comes back on a connection of its own: whoever spends in Redis is seen by the other.
      for (let remaining = 99; remaining !== 98; ) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const shared = randomUUID();
        await spend(one, shared, "templates");
        remaining = (await spend(two, shared, "templates")).remaining;
      }
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

  test("and hangs, holds up the first request for a moment and the others not at all", async (t) => {
    let time = steadyClock.now();
    const limiter = await open(redis.url, "hang", { clock: { now: () => time } });
    const asked = t.mock.method(Redis.prototype, "sendCommand");
    try {
      redis.pause();
      for (let i = 0; i < 20; i++) assert.equal((await spend(limiter, "key", "monitoring")).allowed, true);
      assert.equal(asked.mock.callCount(), 1);
      time += 1_000;
      await spend(limiter, "key", "monitoring");
      assert.equal(asked.mock.callCount(), 2);
    } finally {
      redis.resume();
      await limiter.close();
    }
  });
});
