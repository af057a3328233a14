import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JsonValue } from "../engine/model/json.ts";
import { StepError } from "../engine/model/step-error.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { allEvents } from "./support/fold.ts";

let t: TestEngine;
before(async () => {
  t = await testEngine({
    invoke: (type, config, context) => {
      const { message } = config as { message?: string };
      if (message === "boom") throw new StepError("STEP_FAILED", "boom", { retryable: false });
      if (message === "flaky") throw new StepError("STEP_FAILED", "flaky");
      return type.run(config, context);
    },
  });
});
after(() => t.close());

const log = (name: string, message: string = name, rest: object = {}) => ({
  name,
  type: "log",
  config: { message },
  ...rest,
});
const approval = (name: string, rest: object = {}) => ({
  name,
  type: "wait_for_event",
  config: { approval: true },
  ...rest,
});
const undo = (message: string) => ({ compensate: { type: "log", config: { message } } });
/** Long enough that only a skip ends the wait. */
const slowRetry = { retry: { initial_seconds: 3_600, max_seconds: 3_600, jitter: "none" } };

const stepOf = async (id: number, name: string) => {
  const step = (await t.engine.executions.steps(TENANT, id)).find((one) => one.name === name);
  assert.ok(step, `${name} has begun`);
  return step;
};
const skip = async (id: number, name: string, output: JsonValue = null) =>
  t.engine.executions.skipStep(TENANT, (await stepOf(id, name)).id, { output, reason: null });
const refused = { code: "INVALID_STATE" };

test("a waiting step is skipped, and later steps see what takes its place", async () => {
  const { id } = await t.start([
    approval("sign", undo("unsign")),
    log("after", "by {{steps.sign.by}}"),
    approval("again"),
    log("boom"),
  ]);
  await t.reached(id, "step.waiting");
  const { step } = await skip(id, "sign", { by: "Ada" });
  assert.deepEqual([step.status, step.output, step.wait], ["skipped", { by: "Ada" }, null]);
  await t.reached(id, "step.waiting", 2);
  await skip(id, "again");
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "failed");
  assert.deepEqual(byName.after!.output, { message: "by Ada", level: "info" });
  assert.equal(byName["sign[undo]"], undefined, "what was skipped is not undone");
  const results = await t.engine.executionQueries.resultsOf([id]);
  assert.deepEqual(Object.keys(results.get(id)!), ["sign", "after"]);
});

test("a step between two attempts is skipped, also while the execution is paused", async () => {
  const { id } = await t.start([log("flaky", "flaky", slowRetry), log("after")]);
  await t.reached(id, "step.retrying");
  await t.engine.executions.pause(TENANT, id);
  await skip(id, "flaky", 7);
  assert.equal((await t.engine.executions.get(TENANT, id)).status, "paused");
  await t.engine.executions.resume(TENANT, id);
  const { execution, byName } = await t.finished(id);
  assert.deepEqual([execution.status, byName.flaky!.output, byName.after!.status], ["completed", 7, "completed"]);
});

test("a failed step is skipped, and its execution goes on where it stood", async () => {
  const { id } = await t.start([log("boom"), log("after", "{{steps.boom.x}}"), log("end")]);
  await t.finished(id);
  const { execution } = await skip(id, "boom", { x: 5 });
  assert.equal(execution.error, null);
  const { byName, execution: over } = await t.finished(id);
  assert.equal(over.status, "completed");
  assert.deepEqual([byName.boom!.status, byName.after!.output], ["skipped", { message: "5", level: "info" }]);
  const types = (await allEvents(t.pool, id)).map(({ type }) => type);
  assert.ok(types.indexOf("execution.reopened") < types.indexOf("step.skipped"));
  await assert.rejects(skip(id, "boom"), refused);
});

test("a failed item is skipped, and its list is finished with what takes its place", async () => {
  const { id } = await t.start([
    log("fan", "{{item}}", { for_each: { items: ["a", "boom", "c"], concurrency: 1 } }),
    log("after", "{{steps.fan[1].x}}"),
  ]);
  await t.finished(id);
  await skip(id, "fan[1]", { x: "instead" });
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(
    (byName.fan!.output as { message?: string; x?: string }[]).map(({ message, x }) => message ?? x),
    ["a", "instead", "c"],
  );
  assert.equal((byName.after!.output as { message: string }).message, "instead");
});

test("a whole list is skipped with whatever of it failed", async () => {
  const { id } = await t.start([
    log("fan", "{{item}}", { for_each: { items: ["a", "boom", "c"], concurrency: 1 } }),
    log("after"),
  ]);
  await t.finished(id);
  await skip(id, "fan", []);
  const { execution, byName } = await t.finished(id);
  assert.deepEqual(
    [execution.status, byName["fan[1]"]!.status, byName.fan!.status],
    ["completed", "failed", "skipped"],
  );
});

test("a failed inline action is skipped, and its conditional completes", async () => {
  const action = { type: "log", config: { message: "boom" } };
  const { id } = await t.start([
    { name: "check", type: "conditional", config: { condition: true, true_action: action } },
    log("after", "{{steps.check.output}}"),
  ]);
  await t.finished(id);
  await skip(id, "check[true]", "instead");
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(byName.check!.output, { condition_met: true, branch: "true", output: "instead" });
});

test("a step that waits for a child is skipped, and the child is cancelled", async () => {
  const child = await t.engine.workflows.create(TENANT, {
    name: "child to cancel",
    workflow_config: { steps: [approval("never")] },
  });
  const { id } = await t.start([{ name: "sub", type: "workflow", config: { workflow_id: child.id } }, log("after")]);
  await t.reached(id, "execution.waiting");
  const { wait } = await stepOf(id, "sub");
  assert.ok(wait?.kind === "execution");
  await skip(id, "sub", {});
  const { execution } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.equal((await t.finished(wait.execution_id)).execution.status, "cancelled");
});

test("an undoing between two attempts is skipped, and the rest is undone", async () => {
  const { id } = await t.start([
    log("one", "one", undo("undo one")),
    log("two", "two", { compensate: { type: "log", config: { message: "flaky" }, ...slowRetry } }),
    log("boom"),
  ]);
  await t.reached(id, "step.retrying");
  await skip(id, "two[undo]");
  const { execution, byName } = await t.finished(id);
  assert.deepEqual(
    [execution.status, execution.compensationStatus, byName["two[undo]"]!.status, byName["one[undo]"]!.status],
    ["failed", "completed", "skipped", "completed"],
  );
});

test("what neither waits nor failed its execution cannot be skipped, nor what was undone", async () => {
  const { id } = await t.start([log("one", "one", undo("undo one")), log("boom")]);
  await t.finished(id);
  await assert.rejects(skip(id, "one"), refused);
  await assert.rejects(skip(id, "boom"), { ...refused, message: "The execution was undone: start or fork a new one" });
  const { id: waiting } = await t.start([approval("sign")]);
  await t.reached(waiting, "step.waiting");
  const { id: stepId } = await stepOf(waiting, "sign");
  const options = { output: "x".repeat(1_048_576), reason: null };
  await assert.rejects(t.engine.executions.skipStep(TENANT, stepId, options), { code: "VALIDATION_FAILED" });
  const long = { output: null, reason: "x".repeat(2_001) };
  await assert.rejects(t.engine.executions.skipStep(TENANT, stepId, long), { code: "VALIDATION_FAILED" });
  await assert.rejects(t.engine.executions.skipStep(tenantNamed("stranger"), stepId, { output: null, reason: null }), {
    code: "STEP_NOT_FOUND",
  });
});
