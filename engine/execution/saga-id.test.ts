import assert from "node:assert/strict";
import { test } from "node:test";
import { executionOfCorrelation, fromSagaId, toSagaId, workflowCorrelation } from "./saga-id.ts";

test("a saga's id is a UUID of version 8 that gives the execution's id back", () => {
  for (const id of [1, 31, 4_096, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assert.match(toSagaId(id), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(fromSagaId(toSagaId(id)), id);
    assert.equal(fromSagaId(toSagaId(id).toUpperCase()), id);
  }
});

test("what is no saga id of ours is none", () => {
  for (const id of [toSagaId(0), "", "1", "00000000-0000-4000-8000-000000000001", `${toSagaId(1)}0`]) {
    assert.equal(fromSagaId(id), null);
  }
  assert.equal(fromSagaId(toSagaId(1).replace(/.$/, "g")), null);
});

test("a documented correlation id names its execution", () => {
  assert.deepEqual(executionOfCorrelation(workflowCorrelation(12, 789)), { workflowId: 12, executionId: 789 });
  assert.equal(executionOfCorrelation("workflow-x-execution-1"), null);
});
