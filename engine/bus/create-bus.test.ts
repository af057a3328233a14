import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as engine from "../index.ts";
import { createBus } from "./create-bus.ts";

const loaded = (name: string): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes(`/node_modules/${name}/`));

test("a process without Redis loads nothing of it", async () => {
  assert.ok(engine.createEngine);
  const options = { namespace: "n", key: Buffer.alloc(32), log: () => {} };
  await createBus({ ...options, redisUrl: undefined });
  assert.deepEqual([loaded("ioredis"), loaded("graphql-redis-subscriptions")], [false, false]);
  // Port 1 answers nobody: the bus opens without it.
  const bus = await createBus({ ...options, redisUrl: "redis://127.0.0.1:1" });
  assert.deepEqual([loaded("ioredis"), loaded("graphql-redis-subscriptions")], [true, true]);
  await bus.close();
});
