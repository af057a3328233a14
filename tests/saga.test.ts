import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { StepRecord } from "../engine/execution/state.ts";
import { DomainError, executionOfCorrelation, toSagaId } from "../engine/index.ts";
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

describe("a saga", { timeout: 60_000 }, () => {
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
    const saga = await s.finished(
      await s
        .run([step("charge", { pivot: true }), ship], { type: { max_retries: 0 } })
        .then(async (id) => {
          // Its waits are those of a person's patience: they are cut short here.
          const { execution } = await s.sagas.sagas.get(TENANT, id);
          for (let seen = 0; seen < 5; ) {
            await s.t.reached(execution.id, "step.retrying", ++seen);
            const past = new Date(Date.now() - 1_000);
            await s.t.pool.query(
              "UPDATE execution_step SET wake_at = $2 WHERE execution_id = $1 AND status = 'waiting'",
              [execution.id, past],
            );
            await s.t.pool.query("UPDATE execution SET wake_at = $2 WHERE id = $1", [execution.id, past]);
            s.t.engine.wake([execution.id]);
          }
          return id;
        })
        .catch((error) => {
          throw error;
        }),
    );
    assert.equal(saga.status, "completed");
    assert.equal(tries, 6);
  });
});
