import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { createBus } from "../engine/bus/create-bus.ts";
import { readExecutionEvents } from "../engine/events/event-reader.ts";
import type { ExecutionEvent } from "../engine/model/events.ts";
import { readBusKey } from "../engine/store/bus-key.ts";
import { openDatabase, readDatabaseIdentity } from "../engine/store/database.ts";
import { testDatabase } from "./support/postgres.ts";
import { skipWithoutRedisServer, testRedis } from "./support/redis.ts";

const EXECUTIONS = 8;
/** Enough delays to outlast the restarts; each is two waits and six events or so. */
const steps = Array.from({ length: 60 }, (_, n) => ({ name: `wait${n}`, type: "delay", config: { seconds: 0.02 } }));

describe("events of another process, over Redis", { skip: skipWithoutRedisServer, timeout: 120_000 }, () => {
  test("come contiguous and once each, to the end, while the broker is restarted again and again", async () => {
    const [testDb, redis] = [await testDatabase(), await testRedis()];
    const worker = fork(new URL("./support/engine-child.js", import.meta.url), {
      env: { ...process.env, TEST_ENGINE_DATABASE: testDb.url, TEST_ENGINE_REDIS: redis.url },
    });
    await once(worker, "message");
    const database = await openDatabase(testDb.url);
    const namespace = await readDatabaseIdentity(database.pool);
    const key = await readBusKey(database.pool);
    const bus = await createBus({ redisUrl: redis.url, namespace, key, log: () => {} });
    try {
      let over = false;
      let seen = 0;
      const read = async (): Promise<ExecutionEvent[]> => {
        worker.send(steps);
        const [id] = (await once(worker, "message")) as [number];
        const events: ExecutionEvent[] = [];
        reading.push(
          (async () => {
            for await (const event of readExecutionEvents({ pool: database.pool, bus }, id, 0)) {
              events.push(event);
              seen += 1;
            }
          })(),
        );
        return events;
      };
      const reading: Promise<void>[] = [];
      const logs: ExecutionEvent[][] = [];
      for (let n = 0; n < EXECUTIONS; n++) logs.push(await read());
      const all = Promise.all(reading).finally(() => {
        over = true;
      });
      let restarts = 0;
      while (!over && restarts < 4) {
        // Each restart in the middle of the stream.
        const enough = seen + 100;
        while (!over && seen < enough) await new Promise((resolve) => setTimeout(resolve, 5));
        await redis.kill();
        await redis.start();
        restarts += 1;
      }
      await all;
      assert.ok(restarts > 1, `the executions were over after ${restarts} restarts`);
      for (const events of logs) {
        assert.deepEqual(
          events.map((event) => event.seq),
          events.map((_, i) => i + 1),
        );
        assert.equal(events.at(-1)?.type, "execution.completed");
      }
    } finally {
      await bus.close();
      await database.close();
      const exit = once(worker, "exit");
      worker.disconnect();
      await exit;
      await testDb.drop();
      await redis.close();
    }
  });
});
