import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DomainError } from "../engine/index.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";

const AT_ONCE = 30;

describe("of commands that exclude each other", { timeout: 60_000 }, () => {
  let t: TestEngine;
  before(async () => {
    t = await testEngine();
  });
  after(() => t.close());

  const approval = { name: "ok", type: "wait_for_event", config: { event: "ok", approval: true } };
  const wait = { name: "paid", type: "wait_for_event", config: { event: "paid" } };

  async function waiting(steps: readonly object[]) {
    const { id } = await t.start(steps);
    await t.reached(id, "execution.waiting");
    const step = (await t.engine.executions.steps(TENANT, id))[0]!;
    return { id, stepId: step.id };
  }
  async function outcomes<T>(calls: readonly Promise<T>[]) {
    const settled = await Promise.allSettled(calls);
    const refusals = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as DomainError] : []));
    for (const error of refusals) assert.ok(error instanceof DomainError, String(error));
    return {
      done: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
      codes: refusals.map(({ code }) => code),
      messages: refusals.map(({ message }) => message),
    };
  }
  const many = <T>(call: (n: number) => Promise<T>) => outcomes(Array.from({ length: AT_ONCE }, (_, n) => call(n)));

  test("one approval decides, and the others are told so", async () => {
    const { id, stepId } = await waiting([approval]);
    const { done, codes } = await many((n) =>
      t.engine.executions.approveStep(TENANT, stepId, { approved: true, by: `person ${n}`, comment: null }),
    );
    assert.deepEqual([done.length, new Set(codes)], [1, new Set(["INVALID_STATE"])]);
    const { byName } = await t.finished(id);
    assert.deepEqual(byName.ok?.output, done[0]?.step.output);
  });

  test("one event is taken by the step, and the others are not said to be", async () => {
    const { id } = await waiting([wait, { ...wait, name: "second" }]);
    const sent = await many((n) =>
      t.engine.executions.sendEvent(TENANT, id, { name: "paid", correlation: null, data: n }),
    );
    // Two steps wait, one after the other: each takes one.
    const { byName } = await t.finished(id);
    const taken = sent.done.filter(({ delivered }) => delivered);
    assert.equal(taken.length, 2);
    assert.notDeepEqual(byName.paid?.output, byName.second?.output);
    assert.ok(sent.codes.every((code) => code === "INVALID_STATE"));
  });

  test("one cancel stops the execution", async () => {
    const { id } = await waiting([wait]);
    const { done, codes } = await many(() =>
      t.engine.executions.cancel(TENANT, id, { compensate: true, reason: null }),
    );
    assert.deepEqual([done.length, new Set(codes)], [1, new Set(["INVALID_STATE"])]);
  });

  test("those with the same key are one, also when it is repeated after the end", async () => {
    const { id, stepId } = await waiting([approval]);
    const decision = { approved: true, by: "Ada", comment: null, idempotencyKey: "once" };
    const { done } = await many(() => t.engine.executions.approveStep(TENANT, stepId, decision));
    assert.equal(done.length, AT_ONCE);
    const { execution } = await t.finished(id);
    const again = await t.engine.executions.approveStep(TENANT, stepId, decision);
    assert.deepEqual(again.execution, execution);
    const other = { ...decision, approved: false };
    const conflict = await outcomes([t.engine.executions.approveStep(TENANT, stepId, other)]);
    assert.deepEqual(conflict.codes, ["IDEMPOTENCY_CONFLICT"]);
    const { rows } = await t.pool.query("SELECT count(*)::int AS n FROM execution_signal WHERE execution_id = $1", [
      id,
    ]);
    assert.equal(rows[0].n, 0);
  });

  test("a repeated cancel and a repeated event with their keys are answered as at first", async () => {
    const { id } = await waiting([wait]);
    const event = { name: "paid", correlation: null, data: 1, idempotencyKey: "event" };
    assert.equal((await t.engine.executions.sendEvent(TENANT, id, event)).delivered, true);
    await t.finished(id);
    assert.equal((await t.engine.executions.sendEvent(TENANT, id, event)).delivered, true);

    const other = await waiting([wait]);
    const cancel = { compensate: true, reason: null, idempotencyKey: "stop" };
    await t.engine.executions.cancel(TENANT, other.id, cancel);
    await t.finished(other.id);
    assert.equal((await t.engine.executions.cancel(TENANT, other.id, cancel)).status, "cancelled");
  });

  const failing = { name: "bad", type: "conditional", config: { condition: "{{ $error('no') }}" } };
  async function failed() {
    const { id } = await t.start([failing]);
    await t.finished(id);
    return { id, stepId: (await t.engine.executions.steps(TENANT, id))[0]!.id };
  }

  test("one pause and one resume count, and the others are told what came first", async () => {
    const { id } = await waiting([wait]);
    const pauses = await many(() => t.engine.executions.pause(TENANT, id));
    assert.deepEqual(
      pauses.done.map(({ status }) => status),
      ["paused"],
    );
    assert.ok(pauses.messages.every((message) => message.endsWith("cannot be paused (status: paused)")));
    const resumes = await many(() => t.engine.executions.resume(TENANT, id));
    assert.equal(resumes.done.length, 1);
    assert.equal(resumes.codes.length, AT_ONCE - 1);
  });

  test("one skip goes on without the step, and no other is said to have", async () => {
    const { id, stepId } = await waiting([wait]);
    const { done, codes } = await many((n) =>
      t.engine.executions.skipStep(TENANT, stepId, { output: n, reason: null }),
    );
    assert.deepEqual([done.length, codes.length], [1, AT_ONCE - 1]);
    assert.deepEqual((await t.finished(id)).byName.paid?.output, done[0]?.step.output);
  });

  test("one retry opens a failed execution, also when a skip asks at the same time", async () => {
    const { id, stepId } = await failed();
    const events = await outcomes(
      Array.from({ length: AT_ONCE }, (_, n) =>
        n % 2 === 0
          ? t.engine.executions.retryStep(TENANT, stepId)
          : t.engine.executions.skipStep(TENANT, stepId, { output: n, reason: null }),
      ),
    );
    await t.finished(id);
    let reopened = 0;
    for await (const { type } of await t.engine.executions.events(TENANT, id, 0))
      if (type === "execution.reopened") reopened += 1;
    assert.equal(events.done.length, reopened);
    assert.equal(events.codes.length, AT_ONCE - reopened);
  });
});
