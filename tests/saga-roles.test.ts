import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type TestParticipant, testParticipant } from "./support/participant.ts";
import { type TestDatabase, testDatabase } from "./support/postgres.ts";
import { skipWithoutRedisServer, type TestRedis, testRedis } from "./support/redis.ts";
import { type Service, startService } from "./support/service.ts";

const KEY = "sw_Hd9fJ4tGs6uK1eXa0oViP2";
const LOOK_MS = 25;

describe("an orchestrator in a process of its own", { skip: skipWithoutRedisServer, timeout: 120_000 }, () => {
  let shop: TestParticipant;
  let redis: TestRedis;
  let database: TestDatabase;
  let dataDir: string;
  let saga: Service;
  let worker: Service;
  before(async () => {
    shop = await testParticipant(() => ({ body: { receipt: 7 } }));
    [redis, database] = await Promise.all([testRedis(), testDatabase()]);
    dataDir = await mkdtemp(join(tmpdir(), "stepwire-roles-"));
    const shared = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      API_KEY: KEY,
      SAGA_SERVICES: `shop=${shop.url}`,
      DATA_DIR: dataDir,
    };
    worker = startService({ env: { ...shared, ROLES: "api,worker,scheduler" } });
    await worker.address;
    saga = startService({ env: { ...shared, ROLES: "saga" } });
    await saga.address;
  });
  after(async () => {
    const ended = await Promise.all([saga.kill("SIGTERM"), worker.kill("SIGTERM")]);
    await shop.close();
    await database.drop();
    await redis.close();
    await rm(dataDir, { recursive: true, force: true });
    assert.deepEqual(
      ended.map(({ code }) => code),
      [0, 0],
    );
  });

  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, whatever its shape.
  async function call(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch((await saga.sagaAddress) + path, {
      method,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.equal(response.status, 200, path);
    return response.json();
  }

  async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(LOOK_MS);
    }
  }

  test("has its sagas run by the worker, and tells and hears of them through Redis", async () => {
    assert.equal(await worker.sagaAddress, null);
    const steps = [
      { name: "charge", service: "shop", command: "charge" },
      { name: "reserve", event: "stock.reserve", reply: "stock.reserved" },
    ];
    await call("POST", "/api/v1/sagas/types", { name: "order", steps });
    const { saga_id } = await call("POST", "/api/v1/sagas/start", { saga_type: "order", input_data: { n: 1 } });
    await eventually(async () => {
      const { events } = await call("GET", "/events/all?max_count=1000");
      return events.find((event: { type: string }) => event.type === "stock.reserve");
    });
    await call("POST", "/events/publish", {
      event_type: "stock.reserved",
      aggregate_type: "stock",
      aggregate_id: "1",
      data: { shelf: "B7" },
      correlation_id: saga_id,
    });
    const completed = await eventually(async () => {
      const found = await call("GET", `/sagas/${saga_id}`);
      return found.status === "completed" ? found : undefined;
    });
    assert.deepEqual(completed.output_data, { receipt: 7, shelf: "B7" });
    assert.equal(shop.received.length, 1);
  });
});
