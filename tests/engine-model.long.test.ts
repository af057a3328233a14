import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../engine/model/json.ts";
import type { ExecutionRecord, StepRecord } from "../engine/model/records.ts";
import { StepError } from "../engine/model/step-error.ts";
import { type TestEngine, testEngine } from "./support/engine.ts";
import { allEvents } from "./support/fold.ts";
import { type GeneratedStep, generatedWorkflow, isChain, toDefinition } from "./support/generated-workflow.ts";
import { type Fate, fatesOf, outcomeOf } from "./support/workflow-model.ts";

const TIME_LIMIT_MS = 15_000;
/** Executions that live through restarts of the engine, and how many of those. */
const INTERRUPTED = 150;
const RESTARTS = 8;

interface Message {
  readonly key: string;
  readonly failures: number;
  readonly fatal: boolean;
  readonly slow: boolean;
  readonly reads: readonly string[];
}

let t: TestEngine;
/** Work in hand by execution and step: the most that was ever in hand at once. */
const atOnce = new Map<string, { now: number; most: number }>();

before(async () => {
  t = await testEngine({
    invoke: (type, config, context) => {
      const { message } = config as { message?: Message };
      if (!message?.key) return type.run(config, context);
      const group = `${context.executionId} ${context.stepName.endsWith("[undo]") ? "undo" : context.stepName.split("[")[0]}`;
      const count = atOnce.get(group) ?? { now: 0, most: 0 };
      atOnce.set(group, count);
      count.now += 1;
      count.most = Math.max(count.most, count.now);
      const finish = (): JsonObject => {
        count.now -= 1;
        if (context.attempt > message.failures) return { key: message.key, reads: message.reads };
        throw new StepError("STEP_FAILED", `failure ${context.attempt}`, { retryable: !message.fatal });
      };
      if (!message.slow) return finish();
      return sleep(context.attempt % 3).then(finish);
    },
  });
});
after(() => t.close());

test("an execution does what a sequential model of the semantics says", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(generatedWorkflow, async (generated) => {
      const { id } = await t.start(toDefinition(generated));
      const { execution, steps } = await t.finished(id);
      const order = (await allEvents(t.pool, id)).map(({ type, stepId, seq }) => ({ type, stepId, seq }));
      const observed: Observed = { generated, execution, steps, order };
      checkWork(observed);
      checkOrder(observed);
      checkConcurrency(observed);
      checkUndoing(observed);
    }),
    { numRuns: 500, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: false, verbose: 1 },
  );
});

test("executions do the same though the engine is stopped and started under them", {
  timeout: 120_000,
}, async (context) => {
  const seed = Date.now() % 2 ** 31;
  context.diagnostic(`seed ${seed}`);
  const workflows = fc.sample(generatedWorkflow, { numRuns: INTERRUPTED, seed });
  const started: { id: number; generated: readonly GeneratedStep[] }[] = [];
  const starting = workflows.map(async (generated) => {
    const { id } = await t.start(toDefinition(generated));
    started.push({ id, generated });
  });
  await Promise.all(starting);
  for (let restarts = 0; restarts < RESTARTS; restarts++) {
    await t.restart(0);
    await sleep(restarts);
  }
  for (const { id, generated } of started) {
    const { execution, steps } = await t.finished(id);
    const order = (await allEvents(t.pool, id)).map(({ type, stepId, seq }) => ({ type, stepId, seq }));
    const observed: Observed = { generated, execution, steps, order };
    const where = `seed ${seed}, workflow ${workflows.indexOf(generated)}`;
    for (const check of [checkWork, checkOrder, checkUndoing]) {
      try {
        check(observed);
      } catch (cause) {
        throw new Error(`${where}: ${(cause as Error).message}`, { cause });
      }
    }
  }
});

interface Observed {
  readonly generated: readonly GeneratedStep[];
  readonly execution: ExecutionRecord;
  readonly steps: readonly StepRecord[];
  readonly order: readonly { readonly type: string; readonly stepId: number | null; readonly seq: number }[];
}

const actions = (steps: readonly StepRecord[]): StepRecord[] => steps.filter((step) => step.role === "action");

/** Statuses, attempts and outputs. Beside a failure, what runs in parallel may be cut off at any point. */
function checkWork({ generated, execution, steps }: Observed): void {
  const fates = fatesOf(generated);
  const fatal = generated.filter((step) => step.onError === "fail" && fates.get(step.name)!.status === "failed");
  assert.equal(execution.status, fatal.length > 0 ? "failed" : "completed");
  const records = new Map(actions(steps).map((step) => [step.name, step]));
  for (const [name, record] of records) {
    const fate = fates.get(name);
    assert.ok(fate, `${name} should not have begun`);
    if (record.status === "cancelled") {
      assert.ok(fatal.length > 0, `${name} is cancelled though nothing failed`);
      assert.ok(record.attempt <= fate.attempts, `${name} has too many attempts`);
    } else assert.deepEqual(asFate(record), pick(fate), name);
  }
  if (fatal.length === 0) {
    assert.deepEqual([...records.keys()].sort(), [...fates.keys()].sort());
    return;
  }
  const stopper = generated.find((step) => step.name === execution.error?.step);
  assert.ok(stopper && fatal.includes(stopper), `failed at ${execution.error?.step}`);
  assert.equal(records.get(stopper.name)?.status, "failed");
  if (!isChain(generated)) return;
  assert.equal(stopper, fatal[0]);
  for (const [name, { step }] of fates) {
    const place = generated.indexOf(stopper);
    if (step > place) assert.equal(records.get(name), undefined, `${name} comes after the failure`);
    else if (step < place) assert.notEqual(records.get(name)?.status ?? "cancelled", "cancelled", name);
  }
}

const asFate = ({ status, attempt, output }: StepRecord) => ({ status, attempts: attempt, output: codesOnly(output) });
const pick = ({ status, attempts, output }: Fate) => ({ status, attempts, output });

/** The errors of items, as their codes. */
function codesOnly(output: JsonValue): JsonValue {
  if (!Array.isArray(output)) return output;
  return (output as { error?: { code: string } }[]).map((item) =>
    item?.error ? { error: item.error.code } : (item as JsonValue),
  );
}

/** Nothing begins before what it depends on has settled. */
function checkOrder({ generated, steps, order }: Observed): void {
  const records = new Map(actions(steps).map((step) => [step.name, step]));
  const seqOf = (type: string, id: number): number =>
    order.find((event) => event.stepId === id && event.type === type)?.seq ?? 0;
  for (const step of generated) {
    const record = records.get(step.name);
    if (!record) continue;
    const began = Math.max(seqOf("step.started", record.id), seqOf("step.skipped", record.id));
    for (const position of step.dependsOn) {
      const before = records.get(generated[position]!.name);
      assert.ok(before && before.settledSeq! < began, `${step.name} began before ${generated[position]!.name} settled`);
    }
  }
}

/** No more items at once than allowed; undoing one by one. */
function checkConcurrency({ generated, execution }: Observed): void {
  for (const step of generated) {
    const most = atOnce.get(`${execution.id} ${step.name}`)?.most ?? 0;
    assert.ok(most <= (step.items === null ? 1 : step.concurrency), `${step.name} ran ${most} at once`);
  }
  assert.ok((atOnce.get(`${execution.id} undo`)?.most ?? 0) <= 1, "two undone at once");
  for (const key of [...atOnce.keys()]) if (key.startsWith(`${execution.id} `)) atOnce.delete(key);
}

/** What is undone: in the exact reverse order of completion, after the pivot, until an undoing fails. */
function checkUndoing({ generated, execution, steps, order }: Observed): void {
  const undone = steps.filter((step) => step.role === "compensation");
  if (execution.status === "completed") {
    assert.deepEqual([undone.length, execution.compensationStatus], [0, "none"]);
    return;
  }
  const fates = fatesOf(generated);
  const byId = new Map<number, StepRecord>(actions(steps).map((step) => [step.id, step]));
  let candidates: StepRecord[] = [];
  for (const { type, stepId } of order) {
    const record = stepId === null ? undefined : byId.get(stepId);
    if (!record) continue;
    const { undo, step } = fates.get(record.name)!;
    const pivots = type === "step.completed" && record.parentId === null && generated[step]!.pivot;
    if (pivots) candidates = [];
    else if (!undo || record.attempt === 0) continue;
    else if (type === "step.completed") candidates.push(record);
    else if ((type === "step.failed" || type === "step.cancelled") && undo.when === "attempted")
      candidates.push(record);
  }
  const expected: object[] = [];
  let compensation = candidates.length === 0 ? "none" : "completed";
  for (const record of candidates.reverse()) {
    const { failures, maxAttempts } = fates.get(record.name)!.undo!;
    const { attempts, succeeds } = outcomeOf(failures, maxAttempts, false);
    const status = succeeds ? "completed" : "failed";
    expected.push({ name: `${record.name}[undo]`, status, attempt: attempts, reads: succeeds ? keyOf(record) : null });
    if (succeeds) continue;
    compensation = "failed";
    break;
  }
  const actual = undone.map(({ name, status, attempt, output }) => {
    return { name, status, attempt, reads: (output as { reads?: string[] } | null)?.reads?.[0] ?? null };
  });
  assert.deepEqual(actual, expected);
  assert.equal(execution.compensationStatus, compensation);
}

const keyOf = ({ output }: StepRecord): string => (output as { key?: string } | null)?.key ?? "none";
