import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import { tenantNamed } from "../model/index.ts";

const OTHER = tenantNamed("other");

let t: TestEngine;
before(async () => {
  t = await testEngine();
});
after(() => t.close());

test("a tenant's figures are its own, and the operator's are of all together", async () => {
  const wait = { name: "wait", type: "wait_for_event", config: { event: "go" } };
  const fail = { name: "fail", type: "log", config: { message: "{{trigger.nothing.there}}" } };
  for (const steps of [[{ name: "note", type: "log", config: { message: "done" } }], [wait]]) {
    const { id } = await t.start(steps);
    await t.reached(id, steps[0] === wait ? "step.waiting" : "execution.completed");
  }
  const { id: workflowId } = await t.engine.workflows.create(OTHER, {
    name: "theirs",
    workflow_config: { steps: [fail] },
  });
  const { id } = await t.engine.executions.start({ tenantId: OTHER, workflowId, triggerData: {} });
  for await (const _ of await t.engine.executions.events(OTHER, id, 0));

  const own = await t.engine.statistics.summary(TENANT);
  assert.deepEqual([own.workflows, own.activeWorkflows, own.activeExecutions], [2, 2, 1]);
  const theirs = await t.engine.statistics.summary(OTHER);
  assert.deepEqual([theirs.workflows, theirs.activeExecutions], [1, 0]);
  const counts = ({ started, completed, failed }: typeof own.executions) => [started, completed, failed];
  assert.deepEqual(counts(own.executions), [2, 1, 0]);
  assert.deepEqual(counts(theirs.lastDay), [1, 0, 1]);

  const all = await t.engine.figuresOfAllTenants();
  assert.deepEqual([all.workflows, all.activeExecutions], [3, 1]);
  assert.deepEqual(counts(all.executions), [3, 1, 1]);
});
