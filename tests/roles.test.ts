import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { testDatabase } from "./support/postgres.ts";
import { skipWithoutRedisServer, type TestRedis, testRedis } from "./support/redis.ts";
import { API_KEY, ask, ended, workflowOf } from "./support/rest-client.ts";
import { type Service, startService } from "./support/service.ts";

describe("one database, two processes with a role each", { skip: skipWithoutRedisServer, timeout: 120_000 }, () => {
  let redis: TestRedis;
  let api: Service;
  let worker: Service;
  let databaseUrl: string;
  let drop: () => Promise<void>;
  const env = (roles: string) => ({
    ROLES: roles,
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    API_KEY,
    LOG_LEVEL: "warn",
    RATE_LIMITS: "off",
  });

  before(async () => {
    const database = await testDatabase();
    ({ url: databaseUrl, drop } = database);
    redis = await testRedis();
    api = startService({ env: env("api") });
    await api.address;
    worker = startService({ env: env("worker,scheduler") });
    await worker.address;
  });
  after(async () => {
    await Promise.all([api.kill("SIGTERM"), worker.kill("SIGTERM")]);
    await redis.close();
    await drop();
  });

  test("what the API stores, the worker runs at once", async () => {
    const id = await workflowOf(api, "split", [{ name: "hello", type: "log", config: { message: "hi" } }]);
    const started = await ask(api, "POST", `/api/v1/workflows/${id}/execute`, {});
    assert.equal(started.status, 200);
    const { status, result_data } = await ended(api, started.body.execution_id);
    assert.equal(status, "completed");
    assert.deepEqual(result_data, { hello: { message: "hi", level: "info" } });
  });

  test("a process has only what its roles say, and the probes", async () => {
    const health = async (service: Service) => (await ask(service, "GET", "/health")).body.components;
    assert.deepEqual(await health(api), {
      database: "healthy",
      redis: "healthy",
      scheduler: "disabled",
      saga_orchestrator: "disabled",
    });
    assert.equal((await health(worker)).scheduler, "healthy");
    assert.equal((await ask(worker, "GET", "/ready")).status, 200);
    assert.equal((await ask(worker, "GET", "/api/v1/workflows")).status, 404);
    const capacity = async (service: Service) =>
      /^stepwire_worker_capacity (\d+)$/m.exec(await (await fetch(`${await service.address}/metrics`)).text())?.[1];
    assert.deepEqual([await capacity(api), await capacity(worker)], ["0", "100"]);
  });

  test("what Redis lost is found by the worker's own look", async () => {
    const id = await workflowOf(api, "without hints", [{ type: "log", config: { message: "hi" } }]);
    await redis.kill();
    const started = await ask(api, "POST", `/api/v1/workflows/${id}/execute`, {});
    assert.equal(started.status, 200);
    assert.equal((await ended(api, started.body.execution_id)).status, "completed");
    const { status, components } = (await ask(api, "GET", "/health")).body;
    assert.deepEqual([status, components.redis], ["degraded", "unhealthy"]);
    await redis.start();
  });

  test("a second worker refuses to start with one line", async () => {
    const { code, stderr } = await startService({ env: env("worker") }).ended;
    assert.equal(code, 1);
    assert.equal(stderr, "stepwire: Another worker runs on this database: give this process ROLES without worker\n");
  });
});
