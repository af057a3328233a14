import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { DomainError } from "../engine/model/errors.ts";
import type { ExecutionRecord, StepRecord } from "../engine/model/records.ts";
import { StepError } from "../engine/model/step-error.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { type GeneratedStep, generatedWorkflow, isChain, toDefinition } from "./support/generated-workflow.ts";
import { fatesOf } from "./support/workflow-model.ts";

const TIME_LIMIT_MS = 8_000;
const PROPERTY = { numRuns: 80, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: false, verbose: 1 };

let t: TestEngine;
before(async () => {
  t = await testEngine({
    invoke: (type, config, context) => {
      const { message } = config as { message?: { key?: string; failures: number; fatal: boolean; reads: string[] } };
      if (!message?.key) return type.run(config, context);
      if (context.attempt > message.failures) return { key: message.key, reads: message.reads };
      throw new StepError("STEP_FAILED", `failure ${context.attempt}`, { retryable: !message.fatal });
    },
  });
});
after(() => t.close());

const topLevel = (steps: readonly StepRecord[]): Map<string, StepRecord> =>
  new Map(steps.filter((step) => step.parentId === null && step.role === "action").map((step) => [step.name, step]));

/** What is undone cannot be opened again. */
const withoutUndo = generatedWorkflow.map((steps) =>
  steps.map((step) => ({
    ...step,
    work: { ...step.work, undo: null },
    branch: step.branch && {
      ...step.branch,
      chosen: step.branch.chosen && { ...step.branch.chosen, undo: null },
      other: step.branch.other && { ...step.branch.other, undo: null },
    },
  })),
);

test("an execution whose failing steps are skipped one by one completes, and exactly those are skipped", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(withoutUndo, async (workflow) => {
      const fates = fatesOf(workflow);
      const fatal = workflow.filter((step) => step.onError === "fail" && fates.get(step.name)!.status === "failed");
      const { id } = await t.start(toDefinition(workflow));
      let { execution, steps } = await t.finished(id);
      const skipped: string[] = [];
      while (execution.status === "failed") {
        const step = topLevel(steps).get(execution.error!.step!)!;
        skipped.push(step.name);
        assert.ok(skipped.length <= fatal.length, `skips ${skipped}`);
        await t.engine.executions.skipStep(TENANT, step.id, { output: { key: "skipped" }, reason: null });
        ({ execution, steps } = await reopened(id, execution));
      }
      assert.equal(execution.status, "completed");
      assert.deepEqual(skipped.sort(), fatal.map(({ name }) => name).sort());
      const records = topLevel(steps);
      for (const { name } of workflow) {
        const fate = fates.get(name)!.status;
        assert.equal(records.get(name)?.status, skipped.includes(name) ? "skipped" : fate, name);
      }
    }),
    PROPERTY,
  );
});

/** Over again, with its later end: the stream of its events completes at each. */
async function reopened(id: number, before: ExecutionRecord) {
  for (;;) {
    let last = before.lastSeq;
    for await (const event of await t.engine.executions.events(TENANT, id, last)) last = event.seq;
    if (last > before.lastSeq) return t.finished(id);
  }
}

test("a fork at any step ends as its source did, unless what it needs was undone or not reached", {
  timeout: 120_000,
}, async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(generatedWorkflow.filter(isChain), fc.nat(6), async (workflow, at) => {
      const from = workflow[at % workflow.length]!;
      const { id } = await t.start(toDefinition(workflow));
      const source = await t.finished(id);
      const request = { fromStep: from.name, triggerDataPatch: {}, outputPatches: {}, definition: "pinned" } as const;
      const fork = await t.engine.executions.fork(TENANT, id, request).catch((error: unknown) => error);
      if (fork instanceof DomainError) {
        assert.ok(isNeeded(workflow, from, source.steps), `refused: ${fork.message}`);
        return;
      }
      made += 1;
      const { execution, steps } = await t.finished((fork as ExecutionRecord).id);
      assert.deepEqual(
        [execution.status, execution.error?.step],
        [source.execution.status, source.execution.error?.step],
      );
      const [own, theirs] = [topLevel(steps), topLevel(source.steps)];
      assert.deepEqual([...own.keys()], [...theirs.keys()]);
      for (const [name, record] of own) {
        const other = theirs.get(name)!;
        assert.deepEqual([record.status, record.output], [other.status, other.output], name);
        const isBefore = workflow.findIndex((step) => step.name === name) < workflow.indexOf(from);
        assert.equal(record.attempt === 0 && record.status !== "skipped", isBefore && other.status !== "skipped", name);
      }
      const undone = steps.flatMap(({ compensatesId }) => compensatesId ?? []);
      for (const one of undone)
        assert.ok(steps.find((step) => step.id === one)!.attempt > 0, "undid what it took over");
    }),
    PROPERTY,
  );
  assert.ok(made > 0, "some forks were made");
});

/** Whether something before the step was undone, or not reached. */
function isNeeded(workflow: readonly GeneratedStep[], from: GeneratedStep, steps: readonly StepRecord[]): boolean {
  const before = workflow.slice(0, workflow.indexOf(from)).map(({ name }) => name);
  const records = topLevel(steps);
  const undone = steps
    .filter(({ role }) => role === "compensation")
    .map(({ name }) => name.slice(0, name.indexOf("[")));
  return before.some((name) => {
    const record = records.get(name);
    return !record || undone.includes(name) || record.status === "cancelled" || record.status === "failed";
  });
}
