import assert from "node:assert/strict";
import { test } from "node:test";
import { definitionOf, Scripted } from "../../tests/support/scripted.ts";
import type { JsonObject } from "../model/json.ts";
import { actionOf, stillToUndo } from "./compensation.ts";

const undo = { type: "log", config: { message: "undo" } };
const attempted = { ...undo, when: "attempted" };
const log = (name: string, rest: JsonObject = {}): JsonObject => ({
  name,
  type: "log",
  config: { message: name },
  ...rest,
});
const idsToUndo = (steps: readonly JsonObject[], run: Scripted): number[] =>
  stillToUndo(definitionOf(steps), run.state).map((record) => record.id);

test("what completed last is undone first, whatever the order of the definition", () => {
  const steps = [log("a", { compensate: undo }), log("b", { compensate: undo, depends_on: [] }), log("c")];
  const run = new Scripted()
    .started(1, { index: 0 })
    .started(2, { index: 1 })
    .completed(2)
    .completed(1)
    .started(3, { index: 2 })
    .failed(3);
  assert.deepEqual(idsToUndo(steps, run), [1, 2]);
});

test("what was undone, or whose undoing was skipped, is not undone again", () => {
  const steps = [log("a", { compensate: undo }), log("b", { compensate: undo }), log("c", { compensate: undo })];
  const run = new Scripted();
  for (const index of [0, 1, 2]) run.started(index + 1, { index }).completed(index + 1);
  run.stopping().started(10, { index: 2, role: "compensation", compensates: 3 }).completed(10);
  assert.deepEqual(idsToUndo(steps, run), [2, 1]);
  run.skipped(11, { index: 1, role: "compensation", compensates: 2 });
  assert.deepEqual(idsToUndo(steps, run), [1]);
  run.started(12, { index: 0, role: "compensation", compensates: 1 });
  assert.deepEqual(idsToUndo(steps, run), [1], "while its undoing is under way it is still to be undone");
});

test("nothing that completed before a completed pivot is undone, nor the pivot itself", () => {
  const steps = [
    log("a", { compensate: undo }),
    log("b", { compensate: undo, depends_on: [] }),
    log("pivot", { compensate: undo, pivot: true, depends_on: ["a"] }),
    log("d", { compensate: undo, depends_on: ["pivot"] }),
  ];
  const run = new Scripted()
    .started(1, { index: 0 })
    .started(2, { index: 1 })
    .completed(1)
    .started(3, { index: 2 })
    .completed(3)
    .completed(2)
    .started(4, { index: 3 })
    .completed(4);
  assert.deepEqual(idsToUndo(steps, run), [4, 2], "b began before the pivot and completed after it");
});

test("a pivot that did not complete holds nothing back", () => {
  const steps = [log("a", { compensate: undo }), log("pivot", { pivot: true, on_error: "continue" }), log("c")];
  const run = new Scripted().started(1, { index: 0 }).completed(1).started(2, { index: 1 }).failed(2);
  assert.deepEqual(idsToUndo(steps, run), [1]);
});

for (const { what, settle, when, expected } of [
  { what: "failed", settle: "failed", when: "completed", expected: [] },
  { what: "failed", settle: "failed", when: "attempted", expected: [1] },
  { what: "was cancelled in its attempt", settle: "cancelled", when: "completed", expected: [] },
  { what: "was cancelled in its attempt", settle: "cancelled", when: "attempted", expected: [1] },
  { what: "completed", settle: "completed", when: "completed", expected: [1] },
  { what: "completed", settle: "completed", when: "attempted", expected: [1] },
] as const) {
  test(`a step that ${what} is ${expected.length ? "" : "not "}undone with when: ${when}`, () => {
    const run = new Scripted().started(1, { index: 0 });
    run[settle](1);
    assert.deepEqual(idsToUndo([log("a", { compensate: { ...undo, when } })], run), expected);
  });
}

test("a skipped step is never undone, nor one that is still open", () => {
  const steps = [log("a", { compensate: attempted }), log("b", { compensate: attempted })];
  const run = new Scripted().skipped(1, { index: 0 }).started(2, { index: 1 });
  assert.deepEqual(idsToUndo(steps, run), []);
});

test("a step without compensation is not undone", () => {
  assert.deepEqual(idsToUndo([log("a")], new Scripted().started(1, { index: 0 }).completed(1)), []);
});

test("a for_each is undone item by item, the item that completed last first", () => {
  const steps = [log("fan", { compensate: undo, for_each: { items: [1, 2, 3] } })];
  const run = new Scripted().started(1, { index: 0, input: { items: [1, 2, 3] } });
  for (const item of [0, 1, 2]) run.started(item + 2, { index: 0, item, parent: 1 });
  run.completed(4).completed(2).failed(3).failed(1);
  assert.deepEqual(idsToUndo(steps, run), [2, 4]);
});

test("an inline action has a compensation of its own, apart from that of its conditional", () => {
  const branch = { type: "log", config: { message: "x" }, compensate: undo };
  const steps = [
    {
      name: "check",
      type: "conditional",
      config: {
        condition: true,
        true_action: {
          type: "conditional",
          config: { condition: false, true_action: { type: "log", config: { message: "y" } }, false_action: branch },
        },
      },
      compensate: undo,
    },
  ];
  const definition = definitionOf(steps);
  const run = new Scripted()
    .started(1, { index: 0 })
    .started(2, { index: 0, branch: "t", parent: 1 })
    .started(3, { index: 0, branch: "tf", parent: 2 })
    .completed(3)
    .completed(2)
    .completed(1);
  assert.equal(actionOf(definition, run.step(3)), definition.steps[0]?.branch?.whenTrue?.branch?.whenFalse);
  assert.deepEqual(idsToUndo(steps, run), [1, 3]);
});
