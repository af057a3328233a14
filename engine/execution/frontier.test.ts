import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createdData, definitionOf, Scripted } from "../../tests/support/scripted.ts";
import { noMask } from "../expression/index.ts";
import type { JournalEntry } from "../journal/entry.ts";
import type { ExecutionId, StepId } from "../model/index.ts";
import type { JsonObject } from "../model/json.ts";
import { create } from "../model/state.ts";
import { StepError } from "../model/step-error.ts";
import type { StepType } from "../model/step-type.ts";
import { KEY_BYTES, Keyring } from "../secret/keyring.ts";
import { Frontier } from "./frontier.ts";
import type { RunPorts } from "./ports.ts";
import { ExecutionRun } from "./run.ts";

const log = (name: string, rest: JsonObject = {}): JsonObject => ({
  name,
  type: "log",
  config: { message: name },
  ...rest,
});
const names = (frontier: Frontier): string[] => frontier.ready.map((unit) => unit.name);

describe("what can begin", () => {
  test("is every step that depends on nothing", () => {
    const steps = [log("a"), log("b"), log("c", { depends_on: [] })];
    assert.deepEqual(names(new Frontier(definitionOf(steps), new Scripted().state)), ["a", "c"]);
  });

  test("is a step once all that it depends on has settled, and only once", () => {
    const steps = [log("a"), log("b", { depends_on: [] }), log("c", { depends_on: ["a", "b"] })];
    const frontier = new Frontier(definitionOf(steps), new Scripted().state);
    frontier.ready.length = 0;
    frontier.settled(0);
    assert.deepEqual(names(frontier), []);
    frontier.settled(1);
    assert.deepEqual(names(frontier), ["c"]);
    assert.equal(frontier.done, false);
    frontier.settled(2);
    assert.equal(frontier.done, true);
  });

  test("is as many items of a for_each as its concurrency allows", () => {
    const steps = [log("fan", { for_each: { items: [1, 2, 3], concurrency: 2 } })];
    const run = new Scripted();
    const frontier = new Frontier(definitionOf(steps), run.state);
    frontier.ready.length = 0;
    run.started(1, { index: 0, input: { items: [1, 2, 3] } });
    assert.equal(frontier.opened(run.step(1), 3), false);
    assert.deepEqual(names(frontier), ["step 1[0]", "step 1[1]"]);
    assert.equal(frontier.itemSettled(1), false);
    assert.deepEqual(names(frontier), ["step 1[0]", "step 1[1]", "step 1[2]"]);
    assert.equal(frontier.itemSettled(1), false);
    assert.equal(frontier.itemSettled(1), true);
  });

  test("is nothing once the work is given up, whatever still completes", () => {
    const steps = [
      log("a"),
      log("fan", { depends_on: [], for_each: { items: [1, 2], concurrency: 1 } }),
      log("behind", { depends_on: ["a"] }),
    ];
    const run = new Scripted().started(1, { index: 0 }).started(2, { index: 1, input: { items: [1, 2] } });
    const frontier = new Frontier(definitionOf(steps), run.state);
    frontier.ready.length = 0;
    run.started(3, { index: 1, item: 0, parent: 2 }).stopping().completed(1).completed(3);
    frontier.settled(0);
    assert.equal(frontier.itemSettled(2), false);
    assert.deepEqual(names(frontier), []);
    assert.deepEqual(names(new Frontier(definitionOf(steps), run.state)), []);
  });
});

/** What a generated step does: after so many failed attempts it completes. */
const leaf = fc.record({ failures: fc.nat(2), isConditional: fc.boolean(), taken: fc.boolean() });
const graph = fc.array(
  fc.record({
    leaf,
    dependsOn: fc.array(fc.nat(20), { maxLength: 3 }),
    items: fc.option(fc.nat(4)),
    concurrency: fc.integer({ min: 1, max: 3 }),
    skipped: fc.boolean(),
  }),
  { minLength: 1, maxLength: 7 },
);

function toSteps(generated: typeof graph extends fc.Arbitrary<infer T> ? T : never): JsonObject[] {
  return generated.map(({ leaf: { failures, isConditional, taken }, dependsOn, items, concurrency, skipped }, i) => {
    const retry = { max_attempts: failures + 1, initial_seconds: 1 };
    const action = { type: "log", config: { message: `fail ${failures}` }, retry };
    return {
      name: `s${i}`,
      depends_on: i === 0 ? [] : [...new Set(dependsOn.map((d) => `s${d % i}`))],
      ...(skipped ? { if: false } : {}),
      ...(items === null ? {} : { for_each: { items: Array.from({ length: items }, (_, n) => n), concurrency } }),
      ...(isConditional
        ? { type: "conditional", config: { condition: taken, true_action: action, false_action: action } }
        : action),
    };
  });
}

/** A run without Postgres: its commits take a turn of the event loop, its clock is set by hand. */
function memoryRun(steps: readonly JsonObject[], invoke: RunPorts["invoke"]) {
  const definition = definitionOf(steps);
  const clock = { now: 1_000 };
  let stepIds = 0;
  const commit = (entry: JournalEntry): void => {
    if (!entry.dirty || entry.inFlight !== null) return;
    const { settled } = entry.drain();
    setImmediate(() => {
      entry.inFlight = null;
      settled.resolve();
      commit(entry);
    });
  };
  const created = {
    executionId: 7 as ExecutionId,
    seq: 1,
    type: "execution.created",
    stepId: null,
    data: createdData,
    at: 1,
  } as const;
  const ports: RunPorts = {
    now: () => clock.now,
    random: () => 0.5,
    stepId: () => ++stepIds as StepId,
    stepType: (type) =>
      ({
        type,
        effect: "none",
        config: { safeParse: (data: unknown) => ({ success: true, data }) },
      }) as unknown as StepType,
    invoke,
    held: () => null,
    changed: commit,
    child: () => Promise.reject(new Error("no children here")),
    childStored: () => {},
    childResult: () => Promise.reject(new Error("no children here")),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    mask: noMask,
    log: (level, message, fields) => {
      if (level === "error") throw new Error(`${message} ${JSON.stringify(fields)}`);
    },
  };
  const run = new ExecutionRun(create(created), 1, created, { definition, timeoutSeconds: 1_000_000 }, ports);
  return { run, definition, clock };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a frontier that is rebuilt from the records equals the one that was kept up to date", async () => {
  await fc.assert(
    fc.asyncProperty(graph, fc.infiniteStream(fc.nat()), async (generated, choices) => {
      const inHand: { settle(): void; name: string }[] = [];
      const { run, definition, clock } = memoryRun(toSteps(generated), (_, config, { attempt, stepName }) => {
        const { promise, resolve, reject } = Promise.withResolvers<unknown>();
        const failures = Number((config as { message: string }).message.slice("fail ".length));
        const settle = (): void =>
          attempt > failures ? resolve("done") : reject(new StepError("STEP_FAILED", "again"));
        inHand.push({ name: stepName, settle });
        return promise;
      });
      run.advance();
      await turn();
      while (run.execution.status !== "completed") {
        const rebuilt = new Frontier(definition, run.state);
        // What is in hand when a process dies can begin again.
        assert.deepEqual(names(rebuilt).sort(), inHand.map(({ name }) => name).sort());
        assert.deepEqual([...rebuilt.waiting].sort(), [...run.frontier.waiting].sort());
        assert.equal(rebuilt.done, run.frontier.done);
        const choice = choices.next().value as number;
        const [settling] = inHand.splice(choice % (inHand.length + 1), 1);
        if (settling) settling.settle();
        else {
          clock.now += 120_000;
          run.advance();
        }
        await turn();
      }
      assert.equal(new Frontier(definition, run.state).done, true);
    }),
    { numRuns: 150 },
  );
});
