import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { InProcessBus } from "../engine/bus/in-process-bus.ts";
import type { StepRecord } from "../engine/model/records.ts";
import { isExecutionOver } from "../engine/model/status.ts";
import { type ProbePoint, probePoints } from "../engine/runtime/probe.ts";
import { openPool } from "../engine/store/connection.ts";
import { readExecution, readSteps } from "../engine/store/executions.ts";
import { roomDatabase } from "../engine/store/room-database.ts";
import { EventStore } from "../saga/events/event-store.ts";
import { createProjector } from "../saga/events/projector.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { assertFold } from "./support/fold.ts";
import { oneLife } from "./support/life.ts";
import { type Received, type TestParticipant, testParticipant } from "./support/participant.ts";
import type { SagaLife } from "./support/saga-child.ts";
import { ATTEMPTED, type Case, casesOf, keyOf, UNDO_ATTEMPTS } from "./support/saga-matrix.ts";

const childFile = fileURLToPath(new URL("./support/saga-child.js", import.meta.url));
/** Only what hangs takes so long, however busy the machine is. */
const LIFE_LIMIT_MS = 60_000;
/** Processes that run at the same time, each with a database of its own. */
const LANES = 2;
/** With all sagas of the matrix in hand, so that every one of them is met at another place. */
const everyPass: Readonly<Record<ProbePoint, number>> = {
  "claim.before": 1,
  "claim.after": 1,
  "effect.before": 100,
  "effect.after": 80,
  "commit.before": 10,
  "commit.after": 12,
  "publish.before": 60,
  "publish.after": 110,
};
/** SAGA_MATRIX=full meets each point at thirty places. */
const places = process.env.SAGA_MATRIX === "full" ? Array.from({ length: 30 }, (_, i) => (i + 1) / 20) : [1];
const plans = probePoints.flatMap((point) => {
  const passes = new Set(places.map((place) => Math.max(1, Math.ceil(everyPass[point] * place))));
  return [...passes].map((pass) => ({ point, pass }));
});
/** Nothing is claimed in a first life: it has to end before its time. */
const early = { point: "effect.before", pass: 40 } as const;

describe("every way for a saga to fail, be undone and be cancelled, killed at any point", { timeout: 600_000 }, () => {
  let shop: TestParticipant;
  const lanes: { readonly t: TestEngine; readonly directory: string }[] = [];
  /** How often undoing `two` was refused, by correlation id: ids are of one database. */
  const refusedUndos = new Map<string, number>();

  before(async () => {
    shop = await testParticipant(({ body }: Received) => {
      const one = body.data as unknown as Case;
      if (body.command === one.fail) return { status: 422 };
      if (body.command !== `undo_${ATTEMPTED}`) return { body: {} };
      const before = refusedUndos.get(body.correlation_id) ?? 0;
      refusedUndos.set(body.correlation_id, before + 1);
      const isRefused = one.undoFails >= UNDO_ATTEMPTS || before < one.undoFails;
      return { status: isRefused ? 503 : 200 };
    });
    for (let n = 0; n < LANES; n++) {
      const t = await testEngine();
      await t.engine.stop(1_000);
      lanes.push({ t, directory: await mkdtemp(join(tmpdir(), "stepwire-saga-")) });
    }
  });
  after(async () => {
    for (const { t, directory } of lanes) {
      await t.close();
      await rm(directory, { recursive: true, force: true });
    }
    await shop.close();
  });

  test("undoes exactly what was done, in reverse, with stable keys, and nothing before a pivot", async (context) => {
    await Promise.all(
      lanes.map(async ({ t, directory }, lane) => {
        if (lane === 0) await check(t, "uncrashed", await run(t, directory, "uncrashed", null));
        for (let plan = plans.shift(); plan; plan = plans.shift()) {
          const name = `${plan.point}-${plan.pass}`;
          const crashes = await run(t, directory, name, plan);
          context.diagnostic(`${name}: ${crashes} crashes`);
          assert.ok(crashes > 0, name);
          await check(t, name, crashes);
        }
      }),
    );
  });

  /** Lives until every saga is over; how often it was killed. */
  async function run(t: TestEngine, directory: string, name: string, crash: SagaLife["crash"]): Promise<number> {
    let crashes = 0;
    const first = crash?.point.startsWith("claim.") ? [early] : [];
    for (const planned of [...first, crash, null]) {
      const { databaseUrl } = t.options;
      const life: SagaLife = { databaseUrl, directory, tenantId: TENANT, shop: shop.url, run: name, crash: planned };
      const { code, signal } = await oneLife(childFile, life, LIFE_LIMIT_MS);
      if (signal === "SIGKILL") crashes += 1;
      else {
        assert.deepEqual([code, signal], [0, null], `${name} does not end after ${crashes} crashes`);
        break;
      }
    }
    return crashes;
  }

  async function check(t: TestEngine, name: string, crashes: number): Promise<void> {
    const checked = casesOf().map(async (one) => {
      const key = keyOf(name, one);
      const { rows } = await t.pool.query<{ id: number }>("SELECT id FROM execution WHERE correlation_id = $1", [key]);
      assert.equal(rows.length, 1, key);
      const { id } = rows[0]!;
      await assertFold(t.pool, id);
      const execution = (await readExecution(t.pool, id))!;
      assert.ok(isExecutionOver(execution.status), key);
      const steps = (await readSteps(t.pool, [id])).get(id)!;
      checkEnding(one, key, execution.status, execution.compensationStatus, steps);
      checkEffects(one, key, crashes, shop.received);
    });
    await Promise.all(checked);
    await tellTheRest(t);
    for (const one of casesOf()) await checkTold(t, keyOf(name, one));
    const { rows } = await t.pool.query("SELECT * FROM execution_signal");
    assert.deepEqual(rows, [], name);
  }
});

/** What the last life had no time to tell. */
async function tellTheRest({ options: { databaseUrl } }: TestEngine): Promise<void> {
  const pool = openPool({ connectionString: databaseUrl, application_name: "test" }, 1);
  const database = roomDatabase(pool);
  const project = createProjector(database, new EventStore(database, new InProcessBus()));
  while ((await project()) !== "done");
  await pool.end();
}

/** What a saga did is told once, in its order, however often the teller was killed. */
async function checkTold({ pool }: TestEngine, key: string): Promise<void> {
  const { rows: told } = await pool.query<{ type: string; seq: number }>(
    "SELECT type, (metadata->>'seq')::int AS seq FROM domain_event WHERE correlation_id = $1 ORDER BY position",
    [key],
  );
  const { rows: done } = await pool.query<{ type: string; seq: number }>(
    `SELECT CASE v.type WHEN 'step.completed' THEN 'saga.step_completed' ELSE 'saga.step_failed' END AS type, v.seq
     FROM execution_event AS v JOIN execution AS x ON x.id = v.execution_id
     WHERE x.correlation_id = $1 AND v.type IN ('step.completed', 'step.failed') AND v.data->>'name' NOT LIKE '%[%'
     ORDER BY v.seq`,
    [key],
  );
  const seqs = told.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    [...new Set(seqs)].sort((a, b) => a - b),
    `${key}: each once, in order`,
  );
  assert.deepEqual(
    told.filter(({ type }) => type === "saga.step_completed" || type === "saga.step_failed"),
    done,
    key,
  );
  assert.equal(told[0]!.type, "saga.started", key);
  assert.ok(["saga.completed", "saga.failed", "saga.compensated"].includes(told.at(-1)!.type), key);
}

/** Each command, and each undoing, at most once more for each crash, and always with one idempotency key. */
function checkEffects(one: Case, key: string, crashes: number, received: readonly Received[]): void {
  const own = received.filter((request) => request.body.correlation_id === key);
  for (const [command, requests] of Map.groupBy(own, (request) => request.body.command)) {
    const isFlaky = command === `undo_${ATTEMPTED}`;
    const attempts = isFlaky ? Math.min(one.undoFails + 1, UNDO_ATTEMPTS) : 1;
    assert.equal(new Set(requests.map((request) => request.key)).size, 1, `${key} ${command}`);
    assert.ok(requests.length <= attempts + crashes, `${key} ${command} came ${requests.length} times`);
    assert.equal(requests[0]!.kind, command.startsWith("undo_") ? "compensations" : "commands");
  }
}

const byEnd = (a: StepRecord, b: StepRecord): number => b.settledSeq! - a.settledSeq!;

function checkEnding(one: Case, key: string, status: string, compensation: string, steps: readonly StepRecord[]): void {
  const actions = steps.filter((step) => step.role === "action");
  if (one.fail === null && one.cancel === null) {
    assert.deepEqual([status, compensation, actions.length, steps.length], ["completed", "none", 4, 4], key);
    return;
  }
  assert.equal(status, one.cancel ? "cancelled" : "failed", key);
  const pivotSeq = one.pivot
    ? (actions.find((step) => step.name === ATTEMPTED && step.status === "completed")?.settledSeq ?? 0)
    : 0;
  const toUndo = actions
    .filter((step) => step.status === "completed" || (step.name === ATTEMPTED && step.attempt > 0))
    .filter((step) => step.settledSeq! > pivotSeq)
    .sort(byEnd)
    .map((step) => `${step.name}[undo]`);
  const isStuck = one.undoFails >= UNDO_ATTEMPTS && toUndo.includes(`${ATTEMPTED}[undo]`);
  const expected = isStuck ? toUndo.slice(0, toUndo.indexOf(`${ATTEMPTED}[undo]`) + 1) : toUndo;
  const undone = steps.filter((step) => step.role === "compensation");
  assert.deepEqual(
    undone.map((step) => step.name),
    expected,
    key,
  );
  const settled = [...undone].sort(byEnd).reverse();
  assert.deepEqual(settled, undone, `${key}: one after the other`);
  for (const step of undone) {
    const failed = isStuck && step.name === `${ATTEMPTED}[undo]`;
    assert.equal(step.status, failed ? "failed" : "completed", `${key} ${step.name}`);
  }
  assert.equal(compensation, isStuck ? "failed" : undone.length > 0 ? "completed" : "none", key);
}
