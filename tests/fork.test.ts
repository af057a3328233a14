import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ForkRequest } from "../engine/index.ts";
import type { JsonObject } from "../engine/model/json.ts";
import { StepError } from "../engine/model/step-error.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { allEvents } from "./support/fold.ts";

const STRANGER = tenantNamed("stranger");

let t: TestEngine;
/** Messages that were logged, by execution. */
const ran = new Map<number, string[]>();
before(async () => {
  t = await testEngine({
    invoke: (type, config, context) => {
      const { message } = config as { message?: string };
      ran.set(context.executionId, [...(ran.get(context.executionId) ?? []), context.stepName]);
      if (message === "boom") throw new StepError("STEP_FAILED", "boom", { retryable: false });
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
const undo = (message: string) => ({ compensate: { type: "log", config: { message } } });

const fork = (id: number, fromStep: string, request: Partial<ForkRequest> = {}) =>
  t.engine.executions.fork(TENANT, id, {
    fromStep,
    triggerDataPatch: {},
    outputPatches: {},
    definition: "pinned",
    ...request,
  });
const issuesOf = (promise: Promise<unknown>): Promise<string[]> =>
  promise.then(
    () => assert.fail("it was not refused"),
    (error: { code: string; issues: { path: string; message: string }[] }) => {
      assert.equal(error.code, "VALIDATION_FAILED");
      return error.issues.map(({ path, message }) => `${path} ${message}`);
    },
  );
const messages = (byName: Record<string, { output: unknown }>, ...names: string[]) =>
  names.map((name) => (byName[name]?.output as { message?: string } | null)?.message);

test("a fork takes over what is before its step, and runs the rest with patched data", async () => {
  const steps = [
    log("first", "{{trigger.a}}"),
    log("fan", "{{item}}", { for_each: { items: ["x", "y"] } }),
    log("second", "{{steps.first.message}} {{trigger.b ?? 'gone'}}"),
    log("third", "{{steps.fan[1].message}} {{steps.second.message}}"),
  ];
  const { id } = await t.start(steps, { trigger: { a: "one", b: "two", c: { d: 1 } } });
  await t.finished(id);
  const made = await fork(id, "second", {
    triggerDataPatch: { b: null, c: { e: 2 } },
    outputPatches: { first: { message: "patched" } },
  });
  assert.equal(made.forkedFromId, id);
  assert.deepEqual(made.triggerData, { a: "one", c: { d: 1, e: 2 } });
  const { execution, byName, steps: records } = await t.finished(made.id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(ran.get(made.id), ["second", "third"]);
  assert.deepEqual(messages(byName, "first", "second", "third"), ["patched", "patched gone", "y patched gone"]);
  assert.deepEqual(
    records.map(({ name, status, attempt }) => `${name} ${status} ${attempt}`),
    ["first completed 0", "fan completed 0", "second completed 1", "third completed 1"],
  );
  const [created, ...rest] = await allEvents(t.pool, made.id);
  assert.equal(created?.type, "execution.created");
  assert.deepEqual(
    rest.slice(0, 3).map(({ type }) => type),
    ["step.carried", "step.carried", "execution.started"],
  );
});

test("what an execution did stays its own: a fork that fails undoes only what it did itself", async () => {
  const { id } = await t.start(
    [log("one", "one", undo("undo one")), log("two", "two", undo("undo two")), log("last", "{{trigger.last}}")],
    { trigger: { last: "fine" } },
  );
  await t.finished(id);
  const made = await fork(id, "two", { triggerDataPatch: { last: "boom" } });
  const { execution, steps } = await t.finished(made.id);
  assert.deepEqual([execution.status, execution.compensationStatus], ["failed", "completed"]);
  assert.deepEqual(
    steps.filter(({ role }) => role === "compensation").map(({ name }) => name),
    ["two[undo]"],
  );
});

test("what was undone is not taken over, unless its output is given", async () => {
  const { id } = await t.start(
    [
      log("kept"),
      log("one", "{{item}}", { for_each: { items: [1] }, ...undo("undo one") }),
      log("boom", "{{trigger.last}}"),
    ],
    { trigger: { last: "boom" } },
  );
  await t.finished(id);
  assert.deepEqual(await issuesOf(fork(id, "boom")), [
    'from_step needs "one", which was undone: fork there instead, or give its output',
  ]);
  const patched = { triggerDataPatch: { last: "fine" }, outputPatches: { one: [{ message: "1" }] } };
  assert.equal((await t.finished((await fork(id, "boom", patched)).id)).execution.status, "completed");
  const again = await fork(id, "one", { triggerDataPatch: { last: "fine" } });
  assert.equal((await t.finished(again.id)).execution.status, "completed");
  assert.deepEqual(ran.get(again.id), ["one[0]", "boom"]);
});

test("beside the step, what has settled with all before it is taken over, and the rest runs", async () => {
  const { id } = await t.start([
    log("root"),
    log("left", "left", { depends_on: ["root"] }),
    log("right", "right", { depends_on: ["root"] }),
    { name: "hold", type: "wait_for_event", config: { event: "go" }, depends_on: ["right"] },
    log("behind", "behind", { depends_on: ["hold"] }),
    log("join", "{{steps.left.message}} {{steps.behind.message}}", { depends_on: ["left", "behind"] }),
  ]);
  await t.reached(id, "execution.waiting");
  assert.deepEqual(await issuesOf(fork(id, "join")), [
    'from_step needs "hold", which is not over yet: fork there instead, or give its output',
    'from_step needs "behind", which was not reached: fork there instead, or give its output',
  ]);
  const made = await fork(id, "left");
  await t.reached(made.id, "execution.waiting");
  const event = { name: "go", correlation: null, stepId: null, data: null };
  await t.engine.executions.sendEvent(TENANT, made.id, event);
  const { byName } = await t.finished(made.id);
  assert.deepEqual(ran.get(made.id), ["left", "hold", "behind", "join"]);
  assert.deepEqual(messages(byName, "join"), ["left behind"]);
  await t.engine.executions.cancel(TENANT, id, { compensate: false, reason: null });
});

test("failed steps that the definition goes on after, and skipped ones, are taken over as they are", async () => {
  const { id } = await t.start([
    log("boom", "boom", { on_error: "continue" }),
    log("off", "off", { if: false }),
    log("end", "{{steps.boom.error.code}}"),
  ]);
  await t.finished(id);
  const { byName } = await t.finished((await fork(id, "end")).id);
  assert.deepEqual([byName.boom!.status, byName.off!.status], ["failed", "skipped"]);
  assert.deepEqual(messages(byName, "end"), ["STEP_FAILED"]);
});

test("the latest definition is taken when asked for; what is new or another type has to run", async () => {
  const { id, workflowId } = await t.start([log("a"), log("b"), log("c")]);
  await t.finished(id);
  const steps = [log("a"), { name: "b", type: "delay", config: { seconds: 0 } }, log("new"), log("c", "changed")];
  await t.engine.workflows.update(TENANT, workflowId, { workflow_config: { steps } as unknown as JsonObject });
  assert.deepEqual(await issuesOf(fork(id, "c", { definition: "latest" })), [
    'from_step needs "b", which was a log step and is a delay step now: fork there instead, or give its output',
    'from_step needs "new", which was not reached: fork there instead, or give its output',
  ]);
  const latest = await fork(id, "b", { definition: "latest" });
  assert.equal(latest.workflowVersion, 2);
  assert.deepEqual(messages((await t.finished(latest.id)).byName, "a", "new", "c"), ["a", "new", "changed"]);
  const given = { b: { delayed: 1 }, new: { message: "given" } };
  const patched = await fork(id, "c", { definition: "latest", outputPatches: given });
  assert.deepEqual(messages((await t.finished(patched.id)).byName, "new", "c"), ["given", "changed"]);
  const pinned = await fork(id, "c");
  assert.deepEqual([pinned.workflowVersion, messages((await t.finished(pinned.id)).byName, "c")], [1, ["c"]]);
});

test("a fork of a fork takes over what the fork took over", async () => {
  const { id } = await t.start([log("a"), log("b"), log("c")]);
  await t.finished(id);
  const first = await fork(id, "b");
  await t.finished(first.id);
  const second = await fork(first.id, "c");
  await t.finished(second.id);
  assert.deepEqual([ran.get(first.id), ran.get(second.id)], [["b", "c"], ["c"]]);
});

test("the same key and request give the same fork, and the same key with another is a conflict", async () => {
  const { id, workflowId } = await t.start([log("a"), log("b")]);
  await t.finished(id);
  const made = await Promise.all([1, 2, 3].map(() => fork(id, "b", { idempotencyKey: "once" })));
  assert.equal(new Set(made.map((one) => one.id)).size, 1);
  const conflict = { code: "IDEMPOTENCY_CONFLICT" };
  await assert.rejects(fork(id, "a", { idempotencyKey: "once" }), conflict);
  await assert.rejects(fork(id, "b", { idempotencyKey: "once", triggerDataPatch: { x: 1 } }), conflict);
  const start = { tenantId: TENANT, workflowId, triggerData: {}, idempotencyKey: "once" };
  await assert.rejects(t.engine.executions.start(start), conflict);
  await assert.rejects(t.engine.executions.start({ ...start, tenantId: STRANGER }), { code: "WORKFLOW_NOT_FOUND" });
});

test("what names no step, or one that runs again, is refused with its place", async () => {
  const { id, workflowId } = await t.start([log("first"), log("second")]);
  await t.finished(id);
  assert.deepEqual(await issuesOf(fork(id, "secnd")), [
    'from_step "secnd" is no step of the definition; did you mean second?',
  ]);
  assert.deepEqual(await issuesOf(fork(id, "second", { outputPatches: { second: 1, frist: 2 } })), [
    "output_patches.second is of a step that the fork runs again",
    "output_patches.frist is no step of the definition; did you mean first?",
  ]);
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`frist${i}`, 1]));
  const issues = await issuesOf(fork(id, "second", { outputPatches: many }));
  assert.equal(issues.length, 100);
  assert.match(issues[0]!, /did you mean first\?$/);
  assert.match(issues[99]!, /is no step of the definition$/);
  assert.deepEqual(await issuesOf(fork(id, "x".repeat(256))), [
    "from_step must have 1 to 255 characters, none of them NUL",
  ]);
  const large = { triggerDataPatch: { x: "x".repeat(1_048_576) } };
  assert.match((await issuesOf(fork(id, "second", large)))[0]!, /^trigger_data_patch has \d+ bytes/);
  const request = { fromStep: "second", triggerDataPatch: {}, outputPatches: {}, definition: "pinned" } as const;
  await assert.rejects(t.engine.executions.fork(STRANGER, id, request), { code: "EXECUTION_NOT_FOUND" });
  await t.engine.workflows.update(TENANT, workflowId, { is_enabled: false });
  await assert.rejects(fork(id, "second"), { code: "WORKFLOW_NOT_EXECUTABLE" });
  await t.engine.workflows.delete(TENANT, workflowId);
  await assert.rejects(fork(id, "second"), { code: "WORKFLOW_NOT_FOUND", field: "execution_id" });
});
