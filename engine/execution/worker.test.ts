import assert from "node:assert/strict";
import { test } from "node:test";
import { testDatabase } from "../../tests/support/postgres.ts";
import { definitionOf } from "../../tests/support/scripted.ts";
import type { Plan } from "../definition/index.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Journal } from "../journal/journal.ts";
import { tenantNamed } from "../model/index.ts";
import { MemoryBudget, Share } from "../share/index.ts";
import { openDatabase } from "../store/database.ts";
import { Places } from "./place.ts";
import type { RunPorts } from "./ports.ts";
import { Worker } from "./worker.ts";

const plan = { definition: definitionOf([{ type: "log", config: { message: "x" } }]), timeoutSeconds: 60 } as Plan;
const [QUICK, SLOW] = [1, 2];

test("an execution that is claimed again while the rest of its first claim is loaded is not mixed up with that", async (t) => {
  const testDb = await testDatabase();
  t.after(() => testDb.drop());
  const database = await openDatabase(testDb.url);
  t.after(() => database.close());
  // Both are over: whoever takes them up has nothing to do, and lets go of them.
  await database.pool.query(
    `INSERT INTO execution (id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at, uid)
     SELECT i, 't', i, 1, 'completed', 'none', 'manual', '{}', 0, 0, 1, now(), gen_random_uuid() FROM generate_series(1, 2) AS i`,
  );
  const errors: string[] = [];
  const slots = new Share(10);
  const memory = new MemoryBudget(1_000_000);
  const loading = Promise.withResolvers<void>();
  const loaded = Promise.withResolvers<Plan>();
  let quickPlans = 0;
  const worker = new Worker({
    pool: database.pool,
    journal: {} as Journal,
    dispatcher: { enqueue: () => {} } as unknown as Dispatcher,
    places: new Places(slots, memory),
    plan: async (workflowId) => {
      if (workflowId === SLOW) {
        loading.resolve();
        return loaded.promise;
      }
      quickPlans += 1;
      return plan;
    },
    ports: {
      now: () => Date.now(),
      held: () => null,
      changed: () => {},
      log: (_level: string, message: string) => errors.push(message),
    } as unknown as RunPorts,
  });
  const take = (...ids: number[]): void => {
    for (const id of ids) assert.ok(worker.admit({ id, tenantId: tenantNamed("t"), size: 0 }));
    worker.take(ids);
  };
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise(setImmediate);
  };

  take(QUICK, SLOW);
  await loading.promise;
  await until(() => !worker.holds(QUICK));
  take(QUICK);
  // The first claim comes to its end while the second is under way.
  loaded.resolve(plan);
  await until(() => !worker.holds(SLOW) && !worker.holds(QUICK));
  await until(() => quickPlans === 2);
  assert.deepEqual(errors, []);
  assert.deepEqual([worker.size, slots.taken, memory.usedBytes], [0, 0, 0]);
});
