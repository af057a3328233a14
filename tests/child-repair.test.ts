import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { StepContext } from "../engine/index.ts";
import { StepError } from "../engine/model/step-error.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";

/** Steps of type log stand for calls: each attempt is noted with its key, and those in `broken` fail. */
const calls: { step: string; key: string }[] = [];
const broken = new Set<string>();
let t: TestEngine;
let number = 0;

before(async () => {
  t = await testEngine({
    invoke: (type, config, context) => (type.type === "log" ? call(context) : type.run(config, context)),
  });
});
after(() => t.close());
beforeEach(() => {
  calls.length = 0;
  broken.clear();
});

function call({ stepName, idempotencyKey }: StepContext) {
  calls.push({ step: stepName, key: idempotencyKey });
  if (broken.has(stepName)) throw new StepError("STEP_FAILED", `${stepName} is broken`, { retryable: false });
  return { message: stepName, level: "info" };
}

const log = (name: string) => ({ name, type: "log", config: { message: name } });
const unnamed = (message: string) => ({ type: "log", config: { message } });
const names = () => calls.map(({ step }) => step);

async function parentOf(child: readonly object[], parent: object = {}, child_options: object = {}) {
  const created = await t.engine.workflows.create(TENANT, {
    name: `child ${++number}`,
    max_retries: 0,
    workflow_config: { steps: child },
    ...child_options,
  } as never);
  const step = { name: "sub", type: "workflow", config: { workflow_id: created.id }, ...parent };
  return t.start([log("before"), step, log("after")], { workflow: { max_retries: 0 } });
}

async function childOf(parentId: number): Promise<{ id: number; children: number }> {
  const { rows } = await t.pool.query<{ id: string }>("SELECT id FROM execution WHERE parent_id = $1 ORDER BY id", [
    parentId,
  ]);
  return { id: Number(rows.at(-1)!.id), children: rows.length };
}

async function ended(id: number, status: string) {
  for await (const _ of await t.engine.executions.events(TENANT, id, 0));
  const found = await t.finished(id);
  assert.equal(found.execution.status, status, JSON.stringify(found.execution.error));
  return found;
}

/** Until it has an event of this type behind that seq. A stream ends where the execution does, before it is reopened. */
async function reached(id: number, seq: number, type: string): Promise<void> {
  for (;;) {
    for await (const event of await t.engine.executions.events(TENANT, id, seq)) if (event.type === type) return;
    await sleep(10);
  }
}

async function endedAgain(id: number, seq: number, status: string) {
  await reached(id, seq, `execution.${status}`);
  return ended(id, status);
}

describe("a child execution that failed", () => {
  test("goes on from its failed step when the parent's step is retried, and does nothing twice", async () => {
    broken.add("ship");
    const { id } = await parentOf([log("charge"), log("ship")]);
    const failed = await ended(id, "failed");
    assert.equal(failed.execution.error?.code, "CHILD_FAILED");
    broken.clear();
    await t.engine.executions.retryStep(TENANT, failed.byName.sub!.id);
    await endedAgain(id, failed.execution.lastSeq, "completed");
    const child = await childOf(id);
    assert.equal(child.children, 1);
    assert.equal((await t.finished(child.id)).execution.status, "completed");
    assert.deepEqual(names(), ["before", "charge", "ship", "ship", "after"]);
    const [first, second] = calls.filter(({ step }) => step === "ship");
    assert.equal(first?.key, second?.key);
  });

  test("completes its parent when it is repaired by hand", async () => {
    broken.add("ship");
    const { id } = await parentOf([log("charge"), log("ship")]);
    const failed = await ended(id, "failed");
    broken.clear();
    const child = await t.finished((await childOf(id)).id);
    await t.engine.executions.retryStep(TENANT, child.byName.ship!.id);
    const { byName } = await endedAgain(id, failed.execution.lastSeq, "completed");
    assert.equal(byName.sub?.status, "completed");
    assert.deepEqual(names(), ["before", "charge", "ship", "ship", "after"]);
  });

  test("that fails again fails the parent again, which can be retried again", async () => {
    broken.add("ship");
    const { id } = await parentOf([log("charge"), log("ship")]);
    const first = await ended(id, "failed");
    await t.engine.executions.retryStep(TENANT, first.byName.sub!.id);
    const second = await endedAgain(id, first.execution.lastSeq, "failed");
    broken.clear();
    await t.engine.executions.retryStep(TENANT, second.byName.sub!.id);
    await endedAgain(id, second.execution.lastSeq, "completed");
    assert.equal((await childOf(id)).children, 1);
  });

  test("and was undone is started anew, under keys that are no repeats", async () => {
    broken.add("ship");
    const { id } = await parentOf([{ ...log("charge"), compensate: unnamed("refund") }, log("ship")]);
    const failed = await ended(id, "failed");
    broken.clear();
    await t.engine.executions.retryStep(TENANT, failed.byName.sub!.id);
    await endedAgain(id, failed.execution.lastSeq, "completed");
    assert.equal((await childOf(id)).children, 2);
    const charges = calls.filter(({ step }) => step === "charge").map(({ key }) => key);
    assert.equal(charges.length, 2);
    assert.notEqual(charges[0], charges[1]);
  });

  test("by its time goes on where it stood", async () => {
    const { id } = await parentOf(
      [log("charge"), { name: "paid", type: "wait_for_event", config: { event: "paid" } }],
      {},
      { timeout_seconds: 1 },
    );
    const failed = await ended(id, "failed");
    await t.engine.executions.retryStep(TENANT, failed.byName.sub!.id);
    const child = await childOf(id);
    await reached(child.id, 0, "execution.reopened");
    await t.engine.executions.sendEvent(TENANT, child.id, { name: "paid", correlation: null, data: 1 });
    await endedAgain(id, failed.execution.lastSeq, "completed");
    assert.deepEqual([names(), (await childOf(id)).children], [["before", "charge", "after"], 1]);
  });

  test("as a compensation goes on when undoing is resumed, and by itself when it is repaired", async () => {
    for (const byHand of [true, false]) {
      calls.length = 0;
      broken.add("ship").add("mail");
      const undo = await t.engine.workflows.create(TENANT, {
        name: `undo ${++number}`,
        max_retries: 0,
        workflow_config: { steps: [log("refund"), log("mail")] },
      } as never);
      const charge = { ...log("charge"), compensate: { type: "workflow", config: { workflow_id: undo.id } } };
      const { id } = await t.start([charge, log("ship")], { workflow: { max_retries: 0 } });
      const failed = await ended(id, "failed");
      assert.equal(failed.execution.compensationStatus, "failed");
      broken.clear();
      const child = await t.finished((await childOf(id)).id);
      if (byHand) await t.engine.executions.retryStep(TENANT, child.byName.mail!.id);
      else await t.engine.executions.resumeCompensation(TENANT, id);
      const { execution } = await endedAgain(id, failed.execution.lastSeq, "failed");
      assert.equal(execution.compensationStatus, "completed");
      assert.deepEqual(names(), ["charge", "ship", "refund", "mail", "mail"]);
    }
  });
});
