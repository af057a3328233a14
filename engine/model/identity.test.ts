import assert from "node:assert/strict";
import { test } from "node:test";
import { v5 } from "uuid";
import {
  childUid,
  executionOfCorrelation,
  idempotencyKeyOf,
  newUid,
  numberOf,
  oldUid,
  workflowCorrelation,
} from "./identity.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[58][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const numbers = [1, 31, 4_096, 2 ** 32, 2 ** 48 - 1];

test("an execution's id gives its number back, and is another in every installation", () => {
  for (const id of numbers) {
    const uid = newUid(id);
    assert.match(uid, uuid);
    assert.equal(numberOf(uid), id);
    assert.equal(numberOf(uid.toUpperCase()), id);
    assert.notEqual(newUid(id), uid);
  }
  for (const id of [...numbers, Number.MAX_SAFE_INTEGER]) assert.equal(numberOf(oldUid(id)), id);
});

test("what is no id of an execution names none", () => {
  for (const id of [newUid(0), oldUid(0), "", "1", "00000000-0000-4000-8000-000000000001", `${newUid(1)}0`]) {
    assert.equal(numberOf(id), null);
  }
  assert.equal(numberOf(newUid(1).replace(/.$/, "g")), null);
});

test("an idempotency key is that of one unit of one execution", () => {
  const one = { id: 1, uid: newUid(1) };
  const key = idempotencyKeyOf(one, "charge", 1);
  assert.match(key, uuid);
  assert.equal(key, v5("charge", newUid(0).slice(0, 15) + one.uid.slice(15)), "a UUID of version 5");
  assert.equal(idempotencyKeyOf(one, "charge", 99), key, "the number of the step's row does not matter");
  const others = [
    idempotencyKeyOf(one, "charge[undo]", 1),
    idempotencyKeyOf(one, "charge[0]", 1),
    idempotencyKeyOf({ id: 1, uid: newUid(1) }, "charge", 1),
  ];
  assert.equal(new Set([key, ...others]).size, 4);
});

test("keys that were sent before an upgrade stay", () => {
  assert.equal(idempotencyKeyOf({ id: 12, uid: oldUid(12) }, "charge", 34), "12-34");
});

test("a child that is started again after a restore has the same keys, whatever its number is then", () => {
  const parent = { uid: newUid(1) };
  const first = { id: 2, uid: childUid(parent, "invoice", null, 2) };
  const again = { id: 9, uid: childUid(parent, "invoice", null, 9) };
  assert.deepEqual([numberOf(first.uid), numberOf(again.uid)], [2, 9]);
  assert.equal(idempotencyKeyOf(again, "charge", 5), idempotencyKeyOf(first, "charge", 4));
  const second = { id: 3, uid: childUid(parent, "invoice", first, 3) };
  assert.notEqual(idempotencyKeyOf(second, "charge", 4), idempotencyKeyOf(first, "charge", 4));
  assert.notEqual(childUid({ uid: oldUid(1) }, "invoice", null, 2), childUid({ uid: oldUid(2) }, "invoice", null, 2));
});

test("a documented correlation id names its execution", () => {
  assert.deepEqual(executionOfCorrelation(workflowCorrelation(12, 789)), { workflowId: 12, executionId: 789 });
  assert.equal(executionOfCorrelation("workflow-x-execution-1"), null);
});
