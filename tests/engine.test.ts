import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";

let t: TestEngine;
before(async () => {
  t = await testEngine();
});
after(() => t.close());

const set = (name: string, value: unknown, rest: object = {}) => ({
  name,
  type: "data_transform",
  config: { source_data: { value }, transformations: [{ type: "extract", path: "value", key: "value" }] },
  ...rest,
});
const fail = (name: string, rest: object = {}) => ({
  name,
  type: "http_request",
  config: { url: "http://127.0.0.1:1/" },
  retry: { max_attempts: 1 },
  ...rest,
});

test("steps run in order and see what came before", async () => {
  const { id } = await t.start(
    [
      set("a", "{{trigger.n}}"),
      set("b", "{{steps.a.value}}"),
      { type: "log", config: { message: "n is {{steps.b.value}}" } },
    ],
    {
      trigger: { n: 5 },
    },
  );
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(byName.b?.output, { value: 5 });
  assert.deepEqual(byName.step_2?.output, { message: "n is 5", level: "info" });
});

test("a step whose if is false is skipped and those after it run", async () => {
  const { id } = await t.start([set("a", 1), set("b", 2, { if: "{{steps.a.value}} > 1" }), set("c", 3)]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.equal(byName.b?.status, "skipped");
  assert.equal(byName.c?.status, "completed");
});

test("for_each runs its step once an item and gathers the outputs in order", async () => {
  const { id } = await t.start(
    [
      set("fan", "{{item}}", { for_each: { items: "{{trigger.items}}", concurrency: 2 } }),
      set("sum", "{{steps.fan[2].value}}"),
    ],
    { trigger: { items: [3, 1, 2, 9] } },
  );
  const { execution, byName, steps } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(byName.fan?.output, [{ value: 3 }, { value: 1 }, { value: 2 }, { value: 9 }]);
  assert.deepEqual(byName.sum?.output, { value: 2 });
  assert.equal(steps.length, 6);
});

test("a for_each over nothing completes with an empty list", async () => {
  const { id } = await t.start([set("fan", "{{item}}", { for_each: { items: [] } })]);
  assert.deepEqual((await t.finished(id)).byName.fan?.output, []);
});

test("a conditional runs the action of its branch as a step of its own", async () => {
  const log = (message: string) => ({ type: "log", config: { message } });
  const { id } = await t.start(
    [
      {
        name: "check",
        type: "conditional",
        config: { condition: "{{trigger.n}} > 10", true_action: log("big"), false_action: log("small") },
      },
    ],
    { trigger: { n: 3 } },
  );
  const { byName } = await t.finished(id);
  assert.deepEqual(byName.check?.output, {
    condition_met: false,
    branch: "false",
    output: { message: "small", level: "info" },
  });
  assert.equal(byName["check[false]"]?.status, "completed");
});

test("a failing step is retried by its policy, then fails the execution", async () => {
  const { id } = await t.start([
    fail("call", { retry: { max_attempts: 3, initial_seconds: 0.01, jitter: "none" } }),
    set("never", 1),
  ]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "failed");
  assert.equal(execution.error?.step, "call");
  assert.equal(byName.call?.attempt, 3);
  assert.equal(byName.never, undefined);
});

test("a step with on_error continue lets the others run and shows them why it failed", async () => {
  const { id } = await t.start([fail("call", { on_error: "continue" }), set("why", "{{steps.call.error.code}}")]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(byName.why?.output, { value: "HTTP_FAILED" });
});

test("a failed execution undoes what completed, in reverse, up to the pivot", async () => {
  const undo = { compensate: { type: "log", config: { message: "undo {{output.value}}" } } };
  const { id } = await t.start([
    set("a", 1, undo),
    set("b", 2, { ...undo, pivot: true }),
    set("c", 3, undo),
    set("d", 4, undo),
    fail("boom"),
  ]);
  const { execution, steps } = await t.finished(id);
  assert.equal(execution.status, "failed");
  assert.equal(execution.compensationStatus, "completed");
  const undone = steps
    .filter((step) => step.role === "compensation")
    .map((step) => [step.name, (step.output as { message: string }).message]);
  assert.deepEqual(undone, [
    ["d[undo]", "undo 4"],
    ["c[undo]", "undo 3"],
  ]);
});

test("a compensation that fails for good ends the undoing and is told apart", async () => {
  const { id } = await t.start([
    set("a", 1, { compensate: { type: "log", config: { message: "undo" } } }),
    set("b", 2, {
      compensate: {
        type: "http_request",
        config: { url: "http://127.0.0.1:1/" },
        retry: { max_attempts: 2, initial_seconds: 0.01 },
      },
    }),
    fail("boom"),
  ]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "failed");
  assert.equal(execution.compensationStatus, "failed");
  assert.equal(byName["b[undo]"]?.attempt, 2);
  assert.equal(byName["a[undo]"], undefined);
});

test("a delay waits as a row and goes on by itself", async () => {
  const { id } = await t.start([{ name: "wait", type: "delay", config: { seconds: 0.2 } }, set("b", 1)]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(byName.wait?.output, { delayed: 0.2 });
});

test("an event resumes the step that waits for it, also one that came before", async () => {
  const { id } = await t.start([
    { name: "paid", type: "wait_for_event", config: { event: "paid" } },
    { name: "sent", type: "wait_for_event", config: { event: "sent" } },
  ]);
  await t.reached(id, "execution.waiting");
  const send = (name: string, data: number) =>
    t.engine.executions.sendEvent(TENANT, id, { name, correlation: null, data });
  await Promise.all([send("sent", 2), send("paid", 1)]);
  const { byName } = await t.finished(id);
  assert.deepEqual([byName.paid?.output, byName.sent?.output], [1, 2]);
});

test("a workflow step runs a child and takes its result", async () => {
  const child = await t.engine.workflows.create(TENANT, {
    name: "child",
    workflow_config: { steps: [set("x", "{{trigger.n}}")] },
  } as never);
  const { id } = await t.start([
    { name: "run", type: "workflow", config: { workflow_id: child.id, trigger_data: { n: 7 } } },
    set("b", "{{steps.run.result.x.value}}"),
  ]);
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(byName.b?.output, { value: 7 });
});

test("cancelling a parent cancels its child", async () => {
  const child = await t.engine.workflows.create(TENANT, {
    name: "slow child",
    workflow_config: { steps: [{ type: "delay", config: { seconds: 1000 } }] },
  } as never);
  const { id } = await t.start([{ name: "run", type: "workflow", config: { workflow_id: child.id } }]);
  await t.reached(id, "execution.waiting");
  await t.engine.executions.cancel(TENANT, id, { compensate: true, reason: null });
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "cancelled");
  assert.equal(byName.run?.status, "cancelled");
});

test("a paused execution holds, and goes on when resumed", async (context) => {
  const answers = Promise.withResolvers<void>();
  const server = createServer((_, response) => void answers.promise.then(() => response.end("{}")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { id } = await t.start([{ name: "ask", type: "http_request", config: { url } }, set("b", 1)]);
  await t.reached(id, "step.started");
  assert.equal((await t.engine.executions.pause(TENANT, id)).status, "paused");
  answers.resolve();
  await t.reached(id, "step.completed");
  assert.equal((await t.engine.executions.get(TENANT, id)).status, "paused");
  assert.deepEqual(
    (await t.engine.executions.steps(TENANT, id)).map(({ name }) => name),
    ["ask"],
  );
  await t.engine.executions.resume(TENANT, id);
  assert.equal((await t.finished(id)).execution.status, "completed");
});

test("an execution that takes longer than its limit is timed out", async () => {
  const { id } = await t.start([{ name: "wait", type: "delay", config: { seconds: 1000 } }], {
    workflow: { timeout_seconds: 1 },
  });
  const { execution, byName } = await t.finished(id);
  assert.equal(execution.status, "timed_out");
  assert.equal(byName.wait?.status, "cancelled");
});

test("a failed step that is retried by hand opens its execution again", async () => {
  const { createServer } = await import("node:http");
  let ok = false;
  const server = createServer((_, response) => response.writeHead(ok ? 200 : 500).end("{}")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  try {
    const { id } = await t.start([
      set("a", 1),
      {
        name: "call",
        type: "http_request",
        config: { url: `http://127.0.0.1:${port}/{{item}}` },
        for_each: { items: [1, 2, 3], concurrency: 1 },
        retry: { max_attempts: 1 },
      },
      set("b", 2),
    ]);
    const first = await t.finished(id);
    assert.equal(first.execution.status, "failed");
    ok = true;
    await t.engine.executions.retryStep(TENANT, first.byName["call[0]"]!.id);
    const { execution, byName } = await t.finished(id);
    assert.equal(execution.status, "completed");
    assert.deepEqual(
      (byName.call!.output as { json: unknown }[]).map((item) => item.json),
      [{}, {}, {}],
    );
  } finally {
    server.close();
  }
});

test("the same idempotency key gives the same execution; with another body it is refused", async () => {
  const { workflowId } = await t.start([set("a", 1)]);
  const start = (n: number, correlationId: string | null = null) =>
    t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: { n }, idempotencyKey: "k", correlationId });
  const [one, two] = await Promise.all([start(1), start(1)]);
  assert.equal(one.id, two.id);
  assert.equal((await start(1, "of the repeated request")).id, one.id);
  await assert.rejects(start(2), { code: "IDEMPOTENCY_CONFLICT" });
});

test("executions that wait survive a restart of the engine", async () => {
  const { id } = await t.start([{ name: "wait", type: "delay", config: { seconds: 1 } }, set("b", 1)]);
  await t.reached(id, "execution.waiting");
  await t.restart();
  assert.equal((await t.finished(id)).execution.status, "completed");
});
