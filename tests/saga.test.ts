import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { DomainError, type JsonObject } from "../engine/index.ts";
import { TENANT } from "./support/engine.ts";
import { type Received, type Reply, type TestParticipant, testParticipant } from "./support/participant.ts";
import { type TestSagas, testSagas } from "./support/sagas.ts";

const fast = { retry: { max_attempts: 2, initial_seconds: 0.01, jitter: "none" } };
const step = (name: string, rest: object = {}) => ({
  name,
  service: "shop",
  command: name,
  compensation: { command: `undo_${name}`, ...fast },
  ...fast,
  ...rest,
});
const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

describe("a saga", { timeout: 120_000 }, () => {
  let shop: TestParticipant;
  let s: TestSagas;
  let answer: (request: Received) => Reply | Promise<Reply>;
  before(async () => {
    shop = await testParticipant((request) => answer(request));
    s = await testSagas({ shop: shop.url });
  });
  beforeEach(() => {
    answer = () => ({});
    shop.received.length = 0;
  });
  after(async () => {
    await s.close();
    await shop.close();
  });
  const commands = (id: string): string[] =>
    shop.received.filter((one) => one.body.saga_id === id).map((one) => one.body.command);

  test("sends each command as documented, and merges the answers into its output", async () => {
    answer = ({ body }) => ({ body: { [`${body.command}_id`]: body.step_id.length } });
    const id = await s.run([step("charge"), step("reserve")], { input: { order: 7 } });
    const saga = await s.finished(id);
    assert.equal(saga.status, "completed");
    assert.deepEqual(saga.output, { charge_id: 6, reserve_id: 7 });
    assert.deepEqual(
      shop.received.map(({ kind, body }) => ({ kind, ...body })),
      [
        { kind: "commands", saga_id: id, step_id: "charge", command: "charge", correlation_id: id, data: { order: 7 } },
        {
          kind: "commands",
          saga_id: id,
          step_id: "reserve",
          command: "reserve",
          correlation_id: id,
          data: { order: 7, charge_id: 6 },
        },
      ],
    );
    assert.equal(shop.received[0]!.correlationId, id);
    assert.equal(new Set(shop.received.map(({ key }) => key)).size, 2);
  });

  test("undoes in reverse what was done when a step fails for good", async () => {
    answer = ({ body }) => (body.command === "ship" ? { status: 422, body: { error: "no" } } : {});
    const saga = await s.finished(await s.run([step("charge"), step("reserve"), step("ship")]));
    assert.equal(saga.status, "compensated");
    assert.deepEqual(commands(saga.id), ["charge", "reserve", "ship", "undo_reserve", "undo_charge"]);
    assert.deepEqual(
      saga.steps.map(({ name, status }) => [name, status]),
      [
        ["charge", "compensated"],
        ["reserve", "compensated"],
        ["ship", "failed"],
      ],
    );
    const undo = shop.received.find(({ body }) => body.command === "undo_charge")!;
    assert.equal(undo.kind, "compensations");
    assert.equal(undo.body.step_id, "charge");
  });

  test("undoes a step whose outcome is unknown when the step asks for it", async () => {
    answer = ({ body }) => (body.command === "charge" ? "hang" : {});
    const once = { retry: { max_attempts: 1 }, timeout_seconds: 0.05 };
    const attempted = { command: "undo_charge", when: "attempted" };
    const unknown = await s.finished(await s.run([step("charge", { ...once, compensation: attempted })]));
    assert.deepEqual([unknown.status, commands(unknown.id)], ["compensated", ["charge", "undo_charge"]]);
    const plain = await s.finished(await s.run([step("charge", once)]));
    assert.deepEqual([plain.status, commands(plain.id)], ["failed", ["charge"]]);
  });

  test("does not undo past a pivot, and goes on forward behind it", async () => {
    let tries = 0;
    answer = ({ body }) => (body.command === "ship" && ++tries < 6 ? { status: 503 } : {});
    const { retry: _, ...ship } = step("ship");
    const id = await s.run([step("charge", { pivot: true }), ship], { type: { max_retries: 0 } });
    const { execution } = await s.sagas.sagas.get(TENANT, id);
    for (let seen = 1; seen <= 5; seen++) {
      await s.t.reached(execution.id, "step.retrying", seen);
      await hasten(execution.id);
    }
    assert.equal((await s.finished(id)).status, "completed");
    assert.equal(tries, 6);
    assert.deepEqual(new Set(commands(id)), new Set(["charge", "ship"]));
  });

  /** Its waits are those of a person's patience: they are cut short here. */
  async function hasten(id: number): Promise<void> {
    const due = [id, new Date(Date.now() - 1_000)];
    await s.t.pool.query("UPDATE execution_step SET wake_at = $2 WHERE execution_id = $1 AND status = 'waiting'", due);
    await s.t.pool.query("UPDATE execution SET wake_at = $2 WHERE id = $1", due);
    s.t.engine.wake([id]);
  }

  test("keeps what a completed pivot has settled when a later step fails", async () => {
    answer = ({ body }) => (body.command === "ship" ? { status: 422 } : {});
    const saga = await s.finished(await s.run([step("charge"), step("reserve", { pivot: true }), step("ship")]));
    assert.equal(saga.status, "failed");
    assert.deepEqual(commands(saga.id), ["charge", "reserve", "ship"]);
  });

  test("stays failed for an operator when undoing fails, who resumes it", async () => {
    let isMended = false;
    answer = ({ body }) => {
      if (body.command === "ship") return { status: 422 };
      return body.command === "undo_reserve" && !isMended ? { status: 500 } : {};
    };
    const id = await s.run([step("charge"), step("reserve"), step("ship")]);
    const stuck = await s.finished(id);
    assert.deepEqual([stuck.status, stuck.execution.compensationStatus], ["failed", "failed"]);
    assert.equal(stuck.steps[1]!.status, "compensation_failed");
    const listed = await s.sagas.sagas.list(TENANT, { compensationStatus: "failed" }, { limit: 10, offset: 0 });
    assert.deepEqual(
      listed.map((saga) => saga.id),
      [id],
    );
    isMended = true;
    await s.sagas.sagas.resumeCompensation(TENANT, id);
    const undone = await s.finished(id);
    assert.deepEqual([undone.status, undone.execution.compensationStatus], ["compensated", "completed"]);
    const keys = shop.received.filter(({ body }) => body.command === "undo_reserve").map(({ key }) => key);
    assert.deepEqual([keys.length, new Set(keys).size], [3, 1]);
    assert.deepEqual(commands(id).slice(-2), ["undo_reserve", "undo_charge"]);
    await assert.rejects(s.sagas.sagas.resumeCompensation(TENANT, id), refused("INVALID_STATE", /No compensation/));
  });

  test("leaves out an undoing that an operator skips, with the reason on record", async () => {
    answer = ({ body }) => (["ship", "undo_reserve"].includes(body.command) ? { status: 422 } : {});
    const id = await s.run([step("charge"), step("reserve"), step("ship")]);
    await s.finished(id);
    const skip = { step: "reserve", reason: "mended by hand" };
    await assert.rejects(
      s.sagas.sagas.skipCompensation(TENANT, id, { ...skip, step: "charge" }),
      refused("VALIDATION_FAILED", /whose compensation failed: reserve/),
    );
    await s.sagas.sagas.skipCompensation(TENANT, id, skip);
    assert.equal((await s.finished(id)).status, "compensated");
    assert.deepEqual(commands(id), ["charge", "reserve", "ship", "undo_reserve", "undo_charge"]);
    const { rows } = await s.t.pool.query(
      "SELECT data->>'reason' AS reason FROM execution_event WHERE type = 'step.skipped'",
    );
    assert.deepEqual(rows, [{ reason: "mended by hand" }]);
  });

  test("undoes when it is cancelled, unless it is asked not to", async () => {
    const wait = { name: "wait", type: "wait_for_event", config: { event: "never" } };
    for (const compensate of [true, false]) {
      const id = await s.run([step("charge"), wait]);
      await s.t.reached((await s.sagas.sagas.get(TENANT, id)).execution.id, "step.waiting");
      await s.sagas.sagas.cancel(TENANT, id, { compensate, reason: null });
      assert.equal((await s.finished(id)).status, "cancelled");
      assert.deepEqual(commands(id), compensate ? ["charge", "undo_charge"] : ["charge"]);
    }
  });

  test("asks by an event and goes on with the event that answers it, or fails when that says no", async () => {
    const ask = { name: "reserve", event: "stock.reserve", reply: "stock.reserved", data: { sku: "{{trigger.sku}}" } };
    for (const success of [true, false]) {
      const from = (await s.sagas.events.all(TENANT, 0, 1)).total;
      const id = await s.run([step("charge"), ask], { input: { sku: "a" } });
      const [asked] = await s.heard(1, ["stock.reserve"], from);
      assert.deepEqual([asked!.data, asked!.correlationId, asked!.aggregateId], [{ sku: "a" }, id, id]);
      await s.sagas.events.append({
        tenantId: TENANT,
        type: "stock.reserved",
        aggregateType: "stock",
        aggregateId: "a",
        data: { success, error: "none left", left: 3 },
        correlationId: asked!.correlationId,
      });
      const saga = await s.finished(id);
      assert.equal(saga.status, success ? "completed" : "compensated");
      assert.equal(success ? saga.output.left : saga.execution.error?.message, success ? 3 : "none left");
    }
  });

  test("is every execution of a workflow, too, and one can be adopted", async () => {
    const execution = await s.t.start([{ name: "greet", type: "log", config: { message: "hello" } }]);
    await s.t.finished(execution.id);
    const saga = await s.sagas.sagas.get(TENANT, execution.uid);
    assert.equal(saga.type, "workflow_execution");
    assert.equal(saga.correlationId, `workflow-${execution.workflowId}-execution-${execution.id}`);
    const input = { workflow_id: execution.workflowId, execution_id: execution.id, workflow_config: {} };
    const start = (given: object) =>
      s.sagas.sagas.start(TENANT, {
        type: "workflow_execution",
        input: { ...input, ...given },
        correlationId: saga.correlationId,
      });
    assert.equal(await start({}), saga.id);
    const other = await start({ execution_id: null });
    assert.equal((await s.finished(other)).status, "completed");
    await assert.rejects(start({ execution_id: 9_999_999 }), refused("VALIDATION_FAILED", /^input_data\.execution_id/));
    await assert.rejects(start({ workflow_id: "x" }), refused("VALIDATION_FAILED", /^input_data\.workflow_id/));
    const byCorrelation = await s.sagas.sagas.list(
      TENANT,
      { correlationId: saga.correlationId, type: "workflow_execution" },
      { limit: 10, offset: 0 },
    );
    assert.deepEqual(
      byCorrelation.map(({ id }) => id),
      [saga.id],
    );
  });

  test("types are versioned, and refuse input that breaks their schema with its path", async () => {
    const register = (rest: object) =>
      s.sagas.types.register(TENANT, { name: "order", steps: [step("charge")], ...rest } as JsonObject);
    const input_schema = {
      type: "object",
      required: ["order"],
      properties: { order: { type: "object", properties: { total: { type: "number", minimum: 1 } } } },
    };
    const first = await register({ input_schema });
    assert.equal((await register({ input_schema })).version, first.version);
    assert.equal((await register({ input_schema, timeout_seconds: 60 })).version, first.version + 1);
    const start = (input: JsonObject) => s.sagas.sagas.start(TENANT, { type: "order", input, correlationId: null });
    await assert.rejects(start({}), refused("VALIDATION_FAILED", /^input_data\.order/));
    await assert.rejects(start({ order: { total: 0 } }), refused("VALIDATION_FAILED", /^input_data\.order\.total/));
    assert.equal((await s.finished(await start({ order: { total: 2 } }))).status, "completed");
    await assert.rejects(
      s.sagas.sagas.start(TENANT, { type: "nothing", input: {}, correlationId: null }),
      refused("SAGA_TYPE_NOT_FOUND", /nothing/),
    );
    await assert.rejects(
      register({ steps: [step("a", { service: "nobody" }), { name: "b" }] }),
      refused("VALIDATION_FAILED", /steps\[1\] must have one of.*steps\[0\]\.service must be a configured service/),
    );
    await assert.rejects(
      register({ input_schema: { type: "object", properties: { a: { pattern: "(a+)+$" } } } }),
      refused("VALIDATION_FAILED", /input_schema\.properties\.a\.pattern is not supported/),
    );
    await assert.rejects(
      register({ trigger: { event: "odd.one", match: { "a.b": "\0" } } }),
      refused("VALIDATION_FAILED", /^trigger\.match\["a\.b"\] must not hold a NUL character/),
    );
  });
});
