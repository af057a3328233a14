import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createEngine } from "../engine/engine.ts";
import type { DomainError } from "../engine/model/errors.ts";
import type { JsonObject } from "../engine/model/json.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";

let t: TestEngine;
/** What `hold` steps wait for, by their message. */
const held = new Map<string, PromiseWithResolvers<void>>();
const hold = (message: string): PromiseWithResolvers<void> => {
  const known = held.get(message) ?? Promise.withResolvers<void>();
  held.set(message, known);
  return known;
};

before(async () => {
  t = await testEngine({
    invoke: (type, config, context) => {
      const { message } = config as { message?: string };
      if (type.type !== "log" || !message?.startsWith("hold")) return type.run(config, context);
      return hold(message).promise.then(() => type.run(config, context));
    },
  });
});
after(() => t.close());

const log = (name: string, message = name, rest: object = {}) => ({ name, type: "log", config: { message }, ...rest });
const boom = (name: string, rest: object = {}) => ({
  name,
  type: "http_request",
  config: { url: "http://127.0.0.1:1/" },
  retry: { max_attempts: 1 },
  ...rest,
});
const create = async (name: string, steps: readonly unknown[]): Promise<number> =>
  (await t.engine.workflows.create(TENANT, { name, workflow_config: { steps } as unknown as JsonObject })).id;

test("a signal that commits after one with a greater id is not lost", async () => {
  const { id } = await t.start([
    log("busy", "hold signals", { depends_on: [] }),
    { name: "first", type: "wait_for_event", config: { event: "first" }, depends_on: [] },
    { name: "second", type: "wait_for_event", config: { event: "second" }, depends_on: [] },
    { name: "third", type: "wait_for_event", config: { event: "third" }, depends_on: [] },
  ]);
  const send = (event: string) =>
    t.engine.executions.sendEvent(TENANT, id, { name: event, correlation: null, data: event });
  const client = await t.pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("INSERT INTO execution_signal (execution_id, data) VALUES ($1::bigint, $2::json)", [
      id,
      { kind: "event", event: "first", correlation: null, step_id: null, data: "first" },
    ]);
    await send("second");
    await client.query("COMMIT");
  } finally {
    client.release();
  }
  await send("third");
  hold("hold signals").resolve();
  const { byName } = await t.finished(id);
  assert.deepEqual(
    ["first", "second", "third"].map((name) => byName[name]?.output),
    ["first", "second", "third"],
  );
  const { rows } = await t.pool.query("SELECT 1 FROM execution_signal");
  assert.equal(rows.length, 0);
});

test("a child execution can undo a step", async () => {
  const refund = await create("refund", [log("refunded", "refund {{trigger.amount}}")]);
  const { id } = await t.start([
    log("charge", "charged", {
      compensate: { type: "workflow", config: { workflow_id: refund, trigger_data: { amount: 5 } } },
    }),
    boom("boom"),
  ]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.compensationStatus, "completed");
  const { result } = byName["charge[undo]"]!.output as { result: JsonObject };
  assert.deepEqual(result, { refunded: { message: "refund 5", level: "info" } });
});

test("a child execution that fails fails the undoing", async () => {
  const refund = await create("broken refund", [boom("boom")]);
  const { id } = await t.start([
    log("charge", "charged", { compensate: { type: "workflow", config: { workflow_id: refund } } }),
    boom("boom"),
  ]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.compensationStatus, "failed");
  assert.equal(byName["charge[undo]"]?.status, "failed");
  assert.equal(byName["charge[undo]"]?.error?.code, "CHILD_FAILED");
});

test("a second engine on the same database is refused, names REDIS_URL, and leaves nothing open", async () => {
  const connections = async (): Promise<number> => {
    const { rows } = await t.pool.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()",
    );
    return rows[0]!.n;
  };
  const before = await connections();
  await assert.rejects(createEngine(t.options), (error: Error) => error.message.includes("REDIS_URL"));
  // Postgres notices the end of a connection a moment later.
  while ((await connections()) > before) await new Promise((resolve) => setTimeout(resolve, 20));
});

test("executions go on when Postgres ends every connection", { timeout: 120_000 }, async () => {
  const child = await create("child of the broken", [log("one"), { type: "delay", config: { seconds: 0.01 } }]);
  const ids: number[] = [];
  for (let n = 0; n < 10; n++) {
    const { id } = await t.start([
      log("a"),
      { name: "wait", type: "delay", config: { seconds: 0.02 * n } },
      log("fan", "item {{item}}", { for_each: { items: [1, 2, 3], concurrency: 1 } }),
      { name: "run", type: "workflow", config: { workflow_id: child } },
      log("z"),
    ]);
    ids.push(id);
  }
  const admin = await t.pool.connect();
  for (let cut = 0; cut < 5; cut++) {
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  admin.release();
  for (const id of ids) {
    const { execution } = await t.finished(id);
    assert.deepEqual([execution.status, execution.error], ["completed", null]);
  }
});

test("an event name that Postgres could not keep fails its step, and strands nothing", async () => {
  const wait = { name: "wait", type: "wait_for_event", config: { event: "{{trigger.name}}" } };
  const { id } = await t.start([wait], { trigger: { name: "a\0b" } });
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "failed");
  assert.equal(byName.wait?.error?.code, "CONFIG_INVALID");
});

test("an execution whose data Postgres refuses fails, undoes what was done, and holds nobody up", async (context) => {
  await t.pool.query(`
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.data::text LIKE '%poison%' AND NEW.type = 'step.completed' THEN
        RAISE EXCEPTION 'poison' USING ERRCODE = 'data_exception';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_poison BEFORE INSERT ON execution_event FOR EACH ROW EXECUTE FUNCTION refuse_poison()`);
  context.after(() => t.pool.query("DROP FUNCTION refuse_poison CASCADE"));
  const first = log("first", "done", { compensate: { type: "log", config: { message: "undone" } } });
  const gate = { name: "gate", type: "wait_for_event", config: { approval: true } };
  const { id } = await t.start([first, gate, log("bad", "poison"), log("last")]);
  await t.reached(id, "execution.waiting");
  const step = (await t.engine.executions.steps(TENANT, id)).find(({ name }) => name === "gate")!;
  // The step that it completed is not stored as completed, and is cancelled.
  await t.engine.executions
    .approveStep(TENANT, step.id, { approved: true, by: null, comment: null })
    .catch((error: DomainError) => assert.equal(error.code, "INVALID_STATE"));
  const { id: other } = await t.start([log("fine")]);
  const { execution, byName } = await t.finished(id);
  assert.deepEqual([execution.status, execution.compensationStatus], ["failed", "completed"]);
  assert.equal(execution.error?.code, "OUTPUT_INVALID");
  assert.match(execution.error.message, /cannot be stored.*poison/);
  assert.equal(byName["first[undo]"]?.status, "completed");
  assert.equal(byName.last, undefined);
  assert.equal((await t.finished(other)).execution.status, "completed");
});
