import assert from "node:assert/strict";
import { test } from "node:test";
import { channels, type Subscription } from "../engine/bus/bus.ts";
import { createBus } from "../engine/bus/create-bus.ts";
import type { ExecutionEvent } from "../engine/model/events.ts";
import { DEFAULT_TENANT } from "../engine/model/tenant.ts";
import { readBusKey } from "../engine/store/bus-key.ts";
import { openDatabase, readDatabaseIdentity } from "../engine/store/database.ts";
import { testDatabase } from "./support/postgres.ts";
import { anyRedis, skipWithoutRedis } from "./support/redis.ts";
import { SECRET_KEY, startService } from "./support/service.ts";

const SCHEDULES = 200;
const KEY = "sw_Tk3vQ8mZp5xW2nRb7yLcD4";

test("two services on one database fire each schedule once", { skip: skipWithoutRedis }, async (t) => {
  const [{ url: DATABASE_URL, drop }, redis] = await Promise.all([testDatabase(), anyRedis()]);
  t.after(() => redis.close());
  t.after(drop);
  const env = { DATABASE_URL, REDIS_URL: redis.url, API_KEY: KEY, SECRET_KEY, LOG_LEVEL: "warn" };
  // A database has one worker, and as many schedulers as there are services with that role.
  const services = [startService({ env }), startService({ env: { ...env, ROLES: "api,scheduler" } })];
  t.after(() => Promise.all(services.map((service) => service.kill("SIGKILL"))));
  const [address] = await Promise.all(services.map((service) => service.address));

  const made = await fetch(`${address}/api/v1/workflows`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify({
      name: "planned",
      workflow_config: { steps: [{ name: "a", type: "log", config: { message: "{{trigger.scheduled_time}}" } }] },
    }),
  });
  const { id: workflowId } = (await made.json()) as { id: number };

  const database = await openDatabase(DATABASE_URL);
  const { pool } = database;
  const namespace = await readDatabaseIdentity(pool);
  const key = await readBusKey(pool);
  const bus = await createBus({ redisUrl: redis.url, namespace, key, log: () => {} });
  const completed = Promise.withResolvers<void>();
  let ended = 0;
  const heard: Subscription = await bus.subscribe(channels.tenant(DEFAULT_TENANT), (message) => {
    if ((message as ExecutionEvent).type === "execution.completed" && ++ended === SCHEDULES) completed.resolve();
  });

  // All due at this moment, and the next time tomorrow; both schedulers are told at once.
  await pool.query(
    `INSERT INTO schedule (tenant_id, workflow_id, name, cron, timezone, policies, is_enabled, trigger_data, source,
       next_at, active_execution_ids, created_at, updated_at)
     SELECT $1::text, $2::int, 'schedule ' || n, to_char(now() AT TIME ZONE 'UTC', 'FMMI FMHH24') || ' * * *', 'UTC',
       '{"dst_gap":null,"dst_overlap":null,"missed":"latest","missed_max":1,"overlap":"skip"}', true, '{}', 'api',
       date_trunc('minute', now()), '[]', now(), now()
     FROM generate_series(1, $3::int) AS n`,
    [DEFAULT_TENANT, workflowId, SCHEDULES],
  );
  bus.publish(channels.scheduleChanged, Date.now());
  await completed.promise;

  heard.unsubscribe();
  for (const { code, stderr } of await Promise.all(services.map((service) => service.kill("SIGTERM")))) {
    assert.equal(code, 0, stderr);
  }
  const { rows } = await pool.query<{ executions: number; nominal: number; scheduled: number; moved: number }>(
    `SELECT count(*)::int AS executions, count(DISTINCT idempotency_key)::int AS nominal,
       count(*) FILTER (WHERE trigger_type = 'scheduled' AND trigger_data ->> 'scheduled_time' IS NOT NULL)::int AS scheduled,
       (SELECT count(*)::int FROM schedule WHERE next_at > now() AND last_at IS NOT NULL AND last_error IS NULL) AS moved
     FROM execution`,
  );
  assert.deepEqual(rows[0], {
    executions: SCHEDULES,
    nominal: SCHEDULES,
    scheduled: SCHEDULES,
    moved: SCHEDULES,
  });
  await bus.close();
  await database.close();
});
