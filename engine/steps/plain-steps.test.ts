import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../tests/support/step-context.ts";
import type { StepType } from "../model/step-type.ts";
import { delay } from "./delay.ts";
import { log } from "./log.ts";
import { waitForEvent } from "./wait-for-event.ts";
import { workflow } from "./workflow.ts";

function run<Config, Output>(stepType: StepType<Config, Output>, config: unknown, context = testContext()) {
  return stepType.run(stepType.config.parse(config), context);
}

function problems(stepType: StepType, config: unknown): string[] {
  return (
    stepType.config.safeParse(config).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? []
  );
}

test("log writes text as it is and other values as JSON, at info unless told otherwise", () => {
  const context = testContext();
  assert.deepEqual(run(log, { message: "hello" }, context), { message: "hello", level: "info" });
  assert.deepEqual(run(log, { message: { a: [1, null] }, level: "error" }, context), {
    message: '{"a":[1,null]}',
    level: "error",
  });
  assert.deepEqual(run(log, { message: null, level: "warning" }, context), { message: "null", level: "warning" });
  assert.deepEqual(context.lines, [
    { level: "info", message: "hello" },
    { level: "error", message: '{"a":[1,null]}' },
    { level: "warning", message: "null" },
  ]);
});

test("log refuses an unknown level, an unknown key and no message", () => {
  for (const config of [{ message: "x", level: "loud" }, { message: "x", colour: "red" }, {}]) {
    assert.equal(problems(log, config).length, 1);
  }
});

test("delay waits as a timer: one second by default, text for a number accepted", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const table: [object, number][] = [
    [{}, 1],
    [{ seconds: 90 }, 90],
    [{ seconds: "2" }, 2],
    [{ seconds: 0.25 }, 0.25],
    [{ until: new Date(1_004_500).toISOString() }, 4.5],
  ];
  for (const [config, seconds] of table) {
    assert.deepEqual(run(delay, config), {
      suspend: "timer",
      until: new Date(1_000_000 + seconds * 1_000),
      output: { delayed: seconds },
    });
  }
});

test("a delay of nothing, or until a moment that has passed, is done at once", () => {
  assert.deepEqual(run(delay, { seconds: 0 }), { delayed: 0 });
  assert.deepEqual(run(delay, { until: "2020-01-01T00:00:00+02:00" }), { delayed: 0 });
});

test("delay refuses what is out of bounds", () => {
  const configs = [
    { seconds: -1 },
    { seconds: 31_536_001 },
    { seconds: "soon" },
    { seconds: "" },
    { seconds: null },
    { seconds: true },
    { seconds: 1, until: "2020-01-01T00:00:00Z" },
    { until: "tomorrow" },
    { until: "9999-01-01T00:00:00Z" },
    { minutes: 1 },
  ];
  for (const config of configs) assert.equal(problems(delay, config).length, 1, JSON.stringify(config));
});

test("wait_for_event suspends until the event, or the timeout", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  assert.deepEqual(run(waitForEvent, { event: "order.paid", correlation: 42, timeout_seconds: 60 }), {
    suspend: "event",
    name: "order.paid",
    correlation: "42",
    approval: false,
    until: new Date(1_060_000),
  });
  assert.deepEqual(run(waitForEvent, { approval: true, message: "Release?" }), {
    suspend: "event",
    name: "approval",
    correlation: null,
    approval: true,
    until: null,
  });
});

test("wait_for_event refuses what makes no sense", () => {
  assert.deepEqual(problems(waitForEvent, {}), ["event: is required unless approval is true"]);
  assert.deepEqual(problems(waitForEvent, { event: "a", message: "?" }), ["message: is only for an approval"]);
  assert.equal(problems(waitForEvent, { event: "a", timeout_seconds: 0 }).length, 1);
  assert.deepEqual(problems(waitForEvent, { event: "a\0b" }), ["event: must not hold a NUL character"]);
});

test("workflow suspends for the child execution, named by id or by name", () => {
  assert.deepEqual(run(workflow, { workflow_id: 4, trigger_data: { a: 1 } }), {
    suspend: "execution",
    workflowId: 4,
    workflowName: null,
    triggerData: { a: 1 },
  });
  assert.deepEqual(run(workflow, { workflow_name: "Send invoice" }), {
    suspend: "execution",
    workflowId: null,
    workflowName: "Send invoice",
    triggerData: {},
  });
  for (const config of [{}, { workflow_id: 1, workflow_name: "x" }]) {
    assert.deepEqual(problems(workflow, config), ["workflow_id: or workflow_name is required, and not both"]);
  }
  assert.equal(problems(workflow, { workflow_id: 1, trigger_data: [] }).length, 1);
});
