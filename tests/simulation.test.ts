import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { parseDefinition } from "../engine/definition/index.ts";
import type { JsonObject } from "../engine/model/json.ts";
import { StepError } from "../engine/model/step-error.ts";
import type { StepContext, StepType } from "../engine/model/step-type.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { type SimulationRequest, simulationLimits } from "../engine/simulation/index.ts";
import { simulate } from "../engine/simulation/simulate.ts";
import { TENANT, type TestEngine, testEngine, toAll } from "./support/engine.ts";
import { fold } from "./support/fold.ts";
import { generatedWorkflow, isChain, toDefinition } from "./support/generated-workflow.ts";

const COMPARED = 60;
const START = Date.parse("2026-01-05T09:00:00Z");

let t: TestEngine;
/** Work of generated workflows: says in its message how it goes. */
const generated = (type: StepType, config: unknown, context: StepContext) => {
  const { message } = config as { message?: { key?: string; failures: number; fatal: boolean; reads: string[] } };
  if (!message?.key) return type.run(config, context);
  if (context.attempt > message.failures) return { key: message.key, reads: message.reads };
  throw new StepError("STEP_FAILED", `failure ${context.attempt}`, { retryable: !message.fatal });
};
before(async () => {
  t = await testEngine({ invoke: generated, environment: toAll({ SECRET: "hush" }) });
});
after(() => t.close());

const log = (name: string, message: string = name, rest: object = {}) => ({
  name,
  type: "log",
  config: { message },
  ...rest,
});
const call = (name: string, rest: object = {}) => ({
  name,
  type: "http_request",
  config: { method: "POST", url: "https://api.example.com/" },
  ...rest,
});
const undo = (url: string) => ({ compensate: { type: "http_request", config: { method: "DELETE", url } } });

const request = (steps: readonly object[], rest: Partial<SimulationRequest> = {}): SimulationRequest => ({
  workflowId: null,
  definition: { steps } as unknown as JsonObject,
  timeoutSeconds: 86_400,
  maxRetries: 3,
  triggerData: {},
  mocks: [],
  failAt: null,
  startAt: START,
  environment: {},
  ...rest,
});
const run = (steps: readonly object[], rest: Partial<SimulationRequest> = {}) =>
  t.engine.simulations.simulate(TENANT, request(steps, rest));
const byName = ({ steps }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(steps.map((step) => [step.record.name, step]));

test("a simulation ends as the engine does, step by step, and its rows are the fold of its events", async () => {
  // One thing at a time: what is cut off beside a failure depends on the real clock.
  const oneByOne = generatedWorkflow.filter(isChain).map((steps) => steps.map((step) => ({ ...step, concurrency: 1 })));
  const workflows = fc.sample(oneByOne, { numRuns: COMPARED, seed: Date.now() % 2 ** 31 });
  for (const workflow of workflows) {
    const steps = toDefinition(workflow);
    const { id, workflowId } = await t.start(steps);
    const { execution, steps: records } = await t.finished(id);
    const plan = planOf(steps);
    const simulated = await simulate(plan, { id: workflowId, version: 1 }, request(steps), {
      tenantId: TENANT,
      stepType: (type) => ({ ...t.engine.stepTypes.get(type)!, effect: "none" }),
      compute: generated,
    });
    const shape = (all: readonly (typeof records)[number][]) =>
      all.map(({ name, status, attempt, output, role, error }) => [name, role, status, attempt, output, error]);
    const sorted = (list: unknown[][]) => list.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
    assert.deepEqual(
      sorted(shape(simulated.steps.map(({ record }) => record))).map((row) => row.slice(0, 5)),
      sorted(shape(records)).map((row) => row.slice(0, 5)),
      JSON.stringify(steps),
    );
    assert.deepEqual(
      [simulated.execution.status, simulated.execution.compensationStatus, simulated.execution.error?.step],
      [execution.status, execution.compensationStatus, execution.error?.step],
    );
    const state = fold(simulated.events);
    assert.deepEqual(state.execution, simulated.execution);
    assert.deepEqual(
      [...state.steps.values()],
      simulated.steps.map(({ record }) => record),
    );
  }
});

function planOf(steps: readonly JsonObject[]) {
  const parsed = parseDefinition(
    { steps },
    { stepTypes: t.engine.stepTypes, env: { names: [], get: () => undefined }, defaults: { maxRetries: 3 } },
  );
  assert.ok("definition" in parsed);
  return { definition: parsed.definition, timeoutSeconds: 300 };
}

test("mocks take the place of the world, and each outcome says where it is from", async () => {
  const steps = [
    call("quote", { retry: { initial_seconds: 10, jitter: "none" } }),
    log("said", "{{steps.quote.json.price}}"),
    call("charge", { for_each: { items: [1, 2] } }),
    { name: "sub", type: "workflow", config: { workflow_id: 1 } },
  ];
  const simulated = await run(steps, {
    mocks: [
      {
        step: "quote",
        output: { json: { price: 12 } },
        error: { code: "HTTP_STATUS", message: "busy", isRetryable: true },
        failures: 2,
      },
      { step: "charge[1]", output: "second" },
    ],
  });
  const { quote, said, sub, ...rest } = byName(simulated);
  assert.equal(simulated.execution.status, "completed");
  assert.deepEqual(
    quote!.attempts.map(({ status, startedAt, error }) => [status, (startedAt - START) / 1_000, error?.message]),
    [
      ["failed", 0, "busy"],
      ["failed", 10, "busy"],
      ["completed", 30, undefined],
    ],
  );
  assert.deepEqual([said!.record.output, said!.source], [{ message: "12", level: "info" }, "computed"]);
  assert.deepEqual(simulated.logs, [{ step: "said", level: "info", message: "12", at: START + 30_000 }]);
  assert.deepEqual(
    [rest["charge[0]"]!.source, rest["charge[1]"]!.source, sub!.source],
    ["example", "mocked", "example"],
  );
  assert.deepEqual(rest.charge!.record.output, [{ status_code: 200, headers: {}, body: "" }, "second"]);
  assert.equal(simulated.endedAt, START + 30_000);
});

test("a failure shows the branches that were taken and the path that is undone", async () => {
  const steps = [
    call("reserve", undo("https://api.example.com/reserve")),
    {
      name: "check",
      type: "conditional",
      config: { condition: "{{trigger.amount}} > 10", true_action: call("x", undo("https://api.example.com/big")) },
    },
    call("charge", undo("https://api.example.com/charge")),
    call("ship"),
  ].map((step) => {
    const { config } = step as { config: { true_action?: { name?: string } } };
    if (config.true_action) delete config.true_action.name;
    return step;
  });
  const simulated = await run(steps, { triggerData: { amount: 20 }, failAt: "ship" });
  assert.deepEqual([simulated.execution.status, simulated.execution.error?.step], ["failed", "ship"]);
  assert.deepEqual(simulated.branches, [{ step: "check", taken: true }]);
  assert.deepEqual(simulated.undoPath, ["charge", "check[true]", "reserve"]);
  const stuck = await run(steps, {
    triggerData: { amount: 1 },
    failAt: "ship",
    mocks: [{ step: "charge[undo]", error: { code: "HTTP_STATUS", message: "no", isRetryable: false } }],
  });
  assert.deepEqual([stuck.execution.compensationStatus, stuck.undoPath], ["failed", ["charge"]]);
});

test("the clock jumps over delays, waits and limits", async () => {
  const steps = [
    { name: "pause", type: "delay", config: { seconds: 3_600 } },
    { name: "sign", type: "wait_for_event", config: { approval: true, timeout_seconds: 600 } },
    log("end", "{{steps.sign.by}}"),
  ];
  const signed = await run(steps, { mocks: [{ step: "sign", output: { by: "Ada" }, afterSeconds: 60 }] });
  assert.deepEqual([signed.execution.status, signed.endedAt - START], ["completed", 3_660_000]);
  const unsigned = await run(steps);
  assert.deepEqual([unsigned.execution.error?.code, unsigned.endedAt - START], ["EVENT_TIMEOUT", 4_200_000]);
  const late = await run(steps, { timeoutSeconds: 60 });
  assert.deepEqual([late.execution.status, late.endedAt - START], ["timed_out", 60_000]);
});

test("secrets of the service are not read, and what stands in for them is shown as in a run", async () => {
  const steps = [
    log("a", "is {{env.SECRET}}"),
    { name: "b", type: "data_transform", config: { source_data: "{{$uppercase(env.SECRET)}}", transformations: [] } },
    { name: "c", type: "http_request", config: { url: "https://x.test/{{steps.b.result}}" } },
  ];
  for (const environment of [{}, { SECRET: "abc-given" }]) {
    const { logs, steps: simulated, events, execution } = await run(steps, { environment });
    assert.deepEqual(
      logs.map(({ message }) => message),
      ["is ***"],
    );
    assert.deepEqual(
      simulated.map(({ record }) => record.output),
      ["***", "***", { status_code: 200, headers: {}, body: "" }],
    );
    assert.deepEqual(simulated[2]?.record.input, { url: "https://x.test/***" });
    assert.doesNotMatch(JSON.stringify([logs, events, execution]), /hush|abc-given|ABC-GIVEN|\[env|\[ENV/);
  }
});

test("nothing is stored, and a stored workflow is simulated as it is", async () => {
  const { id, workflowId } = await t.start([log("a", "{{trigger.x ?? 'none'}}")]);
  await t.finished(id);
  const count = async () => (await t.pool.query("SELECT count(*) FROM execution")).rows[0].count;
  const before = await count();
  const { logs } = await run([], { workflowId, definition: null, triggerData: { x: "y" } });
  assert.deepEqual(
    logs.map(({ message }) => message),
    ["y"],
  );
  assert.equal(await count(), before);
  await assert.rejects(
    t.engine.simulations.simulate(tenantNamed("stranger"), { ...request([]), workflowId, definition: null }),
    {
      code: "WORKFLOW_NOT_FOUND",
    },
  );
});

test("a simulation that grows beyond its bound is cut short", async () => {
  const items = Array.from({ length: 8_000 }, (_, i) => i);
  const simulated = await run([
    log("one", "{{item}}", { for_each: { items } }),
    log("two", "{{item}}", { for_each: { items } }),
  ]);
  assert.equal(simulated.stoppedBy, "events");
  assert.ok(simulated.events.length < simulationLimits.events * 2);
  const triggerData = { text: "x".repeat(100_000) };
  const large = await run([log("one", "{{trigger.text}}", { for_each: { items } })], { triggerData });
  assert.equal(large.stoppedBy, "size");
  assert.ok(large.events.length < 2_000);
});

test("simulations wait their turn, and too many are told to come back", async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => run([log("one")])));
  const refused = outcomes.filter((one) => one.status === "rejected");
  assert.ok(refused.length > 0 && refused.length <= 18, `${refused.length} were refused`);
  for (const { reason } of refused) assert.equal(reason.code, "RATE_LIMITED");
  assert.equal((await run([log("one")])).execution.status, "completed");
});

test("what makes no sense is refused with its place", async () => {
  const steps = [log("first"), call("second")];
  const issues = (rest: Partial<SimulationRequest>) =>
    run(steps, rest).then(
      () => assert.fail("it was not refused"),
      ({ issues }: { issues: { path: string; message: string }[] }) => issues.map(({ path }) => path),
    );
  assert.deepEqual(
    await issues({
      failAt: "frist",
      mocks: [
        { step: "secnd" },
        { step: "second", failures: 0, afterSeconds: -1 },
        { step: "second", error: { code: "NO" as "TIMEOUT", message: "", isRetryable: true } },
      ],
      environment: { X: 1 },
    }),
    [
      "mocks[0].step",
      "mocks[1].failures",
      "mocks[1].afterSeconds",
      "mocks[2].step",
      "mocks[2].error.code",
      "fail_at",
      "environment.X",
    ],
  );
  assert.deepEqual(await issues({ definition: null }), ["definition"]);
  assert.deepEqual(await issues({ workflowId: 1 }), ["definition"]);
  assert.deepEqual(await issues({ definition: { steps: [] } }), ["definition.steps"]);
  assert.deepEqual(await issues({ timeoutSeconds: 0 }), ["timeout_seconds"]);
});
