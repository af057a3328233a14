import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { TENANT } from "./support/engine.ts";
import { skipWithoutRedisServer, type TestRedis, testRedis } from "./support/redis.ts";
import { type TestSagas, testSagas } from "./support/sagas.ts";

describe("domain events in Redis Streams", { skip: skipWithoutRedisServer, timeout: 120_000 }, () => {
  let redis: TestRedis;
  let s: TestSagas;
  before(async () => {
    redis = await testRedis();
    s = await testSagas({}, { redisUrl: redis.url }, { redisUrl: redis.url, streamPrefix: "shop" });
  });
  after(async () => {
    await s.close();
    await redis.close();
  });

  const publish = (n: number) =>
    s.sagas.events.append({
      tenantId: TENANT,
      type: "order.paid",
      aggregateType: "order",
      aggregateId: "1",
      data: { n },
      correlationId: null,
    });

  /** Waits for `count` entries of the stream. */
  async function entries(count: number): Promise<Record<string, string>[]> {
    const client = new Redis(redis.url, { retryStrategy: () => 20 });
    client.on("error", () => {});
    try {
      const found: Record<string, string>[] = [];
      for (let after = "0"; found.length < count; ) {
        const read = await client.xread("BLOCK", 0, "STREAMS", `shop.${TENANT}`, after);
        for (const [id, fields] of read?.[0]?.[1] ?? []) {
          after = id;
          found.push(Object.fromEntries(fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1]!]] : []))));
        }
      }
      return found;
    } finally {
      client.disconnect();
    }
  }

  test("stand in the order of their positions, each once", async () => {
    const stored = await Promise.all([1, 2, 3].map(publish));
    const found = await entries(3);
    assert.deepEqual(
      found.map(({ id, position }) => ({ id, position: Number(position) })),
      stored.map(({ id, position }) => ({ id, position })),
    );
    assert.deepEqual(JSON.parse(found[0]!.data!), { n: 1 });
  });

  test("wait while Redis is away, and are added again when a stream is replayed", async () => {
    await redis.kill();
    await publish(4);
    await redis.start();
    // What it held went with it; what was published meanwhile comes.
    assert.deepEqual(JSON.parse((await entries(1))[0]!.data!), { n: 4 });
    await s.sagas.replay(TENANT, "order-1", 3);
    const replayed = (await entries(3)).slice(1);
    assert.deepEqual(
      replayed.map(({ version, replayed: mark }) => [version, mark]),
      [
        ["3", "true"],
        ["4", "true"],
      ],
    );
  });
});
