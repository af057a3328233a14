import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scripted } from "../../tests/support/scripted.ts";
import type { EventData, EventType } from "./events.ts";
import { create, wakeAt } from "./state.ts";

const error = { code: "STEP_FAILED", message: "failed" };
const ending: EventData["execution.failed"] = { compensation_status: "none" };
const deadline = new Date(500_000).toISOString();

/** Scripts up to a state, by the name of the status that the execution or step 1 then has. */
const reach = {
  running: () => new Scripted(),
  waiting: () => new Scripted().emit("execution.waiting", null, {}),
  paused: () => new Scripted().emit("execution.paused", null, {}),
  compensating: () => new Scripted().stopping().emit("execution.compensating", null, {}),
  completed: () => new Scripted().emit("execution.completed", null, ending),
  failed: () => new Scripted().stopping().emit("execution.failed", null, ending),
} as const;

const step = {
  none: () => new Scripted(),
  running: () => new Scripted().started(1, { index: 0 }),
  waiting: () => step.running().retrying(1, 5_000),
  completed: () => step.running().completed(1, 5),
  failed: () => step.running().failed(1),
  skipped: () => new Scripted().skipped(1, { index: 0 }),
  cancelled: () => step.running().cancelled(1),
} as const;

describe("the fold of an execution's events", () => {
  const cases: readonly [keyof typeof reach, EventType, object, string | null][] = [
    ["running", "execution.started", { deadline_at: deadline }, null],
    ["running", "execution.waiting", {}, "waiting"],
    ["running", "execution.woken", {}, null],
    ["running", "execution.paused", {}, "paused"],
    ["running", "execution.completed", ending, "completed"],
    ["running", "execution.cancelled", ending, "cancelled"],
    ["running", "execution.stopping", { outcome: "failed", error, compensate: true }, "running"],
    ["waiting", "execution.woken", {}, "running"],
    ["waiting", "execution.paused", {}, "paused"],
    ["waiting", "execution.waiting", {}, null],
    ["waiting", "execution.completed", ending, null],
    ["waiting", "execution.stopping", { outcome: "timed_out", error, compensate: true }, "running"],
    ["paused", "execution.resumed", { deadline_at: deadline }, "running"],
    ["paused", "execution.completed", ending, null],
    ["paused", "execution.stopping", { outcome: "cancelled", error, compensate: false }, "running"],
    ["compensating", "execution.failed", { compensation_status: "completed" }, "failed"],
    ["compensating", "execution.timed_out", { compensation_status: "failed" }, "timed_out"],
    ["compensating", "execution.completed", ending, null],
    ["compensating", "execution.paused", {}, null],
    ["completed", "execution.failed", ending, null],
    ["completed", "execution.reopened", { step: "a", was: "failed", deadline_at: deadline }, null],
    ["failed", "execution.reopened", { step: "a", was: "failed", deadline_at: deadline }, "running"],
    ["failed", "execution.paused", {}, null],
    ["failed", "execution.failed", ending, null],
  ];
  for (const [from, type, data, to] of cases) {
    test(`${from}: ${type} ${to === null ? "is refused" : `makes it ${to}`}`, () => {
      const run = reach[from]();
      const before = run.state.execution;
      if (to === null) {
        assert.throws(() => run.emit(type, null, data as never), /cannot go from/);
        assert.equal(run.state.execution, before, "what is refused changes nothing");
      } else {
        assert.equal(run.emit(type, null, data as never).state.execution.status, to);
        assert.equal(run.state.execution.lastSeq, before.lastSeq + 1);
      }
    });
  }

  test("begins with execution.created, and only begins with it", () => {
    const run = new Scripted();
    assert.throws(() => create(run.events[1]!), /begins with execution.created/);
    assert.throws(() => run.emit("execution.created", null, {} as never), /not an event of a created execution/);
  });

  test("keeps how it ended and how it was undone apart", () => {
    const { execution } = reach.compensating().emit("execution.failed", null, { compensation_status: "failed" }).state;
    assert.deepEqual(
      [execution.status, execution.outcome, execution.compensationStatus],
      ["failed", "failed", "failed"],
    );
    assert.deepEqual(execution.error, error);
    assert.equal(execution.completedAt, 1_000 + execution.lastSeq);
  });

  test("forgets failure and end when it is reopened", () => {
    const run = reach.failed().emit("execution.reopened", null, { step: "a", was: "failed", deadline_at: deadline });
    const { outcome, error: failure, completedAt, deadlineAt } = run.state.execution;
    assert.deepEqual([outcome, failure, completedAt, deadlineAt], [null, null, null, 500_000]);
  });
});

describe("the fold of a step's events", () => {
  const cases: readonly [keyof typeof step, string, (run: Scripted) => Scripted, string | null][] = [
    ["none", "started", (run) => run.started(1, { index: 0 }), "running"],
    ["none", "skipped", (run) => run.skipped(1, { index: 0 }), "skipped"],
    ["none", "completed", (run) => run.emit("step.completed", 1, { name: "a", output: 1 }), null],
    ["none", "reset", (run) => run.emit("step.reset", 1, { name: "a" }), null],
    ["running", "started again after a crash", (run) => run.started(1, { index: 0 }), "running"],
    ["running", "completed", (run) => run.completed(1), "completed"],
    ["running", "failed", (run) => run.failed(1), "failed"],
    ["running", "cancelled", (run) => run.cancelled(1), "cancelled"],
    ["running", "retrying", (run) => run.retrying(1, 9_000), "waiting"],
    ["running", "skipped", (run) => run.skipped(1, { index: 0 }), null],
    ["running", "reset", (run) => run.emit("step.reset", 1, { name: "a" }), null],
    ["waiting", "started", (run) => run.started(1, { index: 0, attempt: 2 }), "running"],
    ["waiting", "completed", (run) => run.completed(1), "completed"],
    ["waiting", "retrying", (run) => run.retrying(1, 9_000), null],
    ["completed", "started", (run) => run.started(1, { index: 0 }), null],
    ["completed", "failed", (run) => run.failed(1), null],
    ["completed", "completed", (run) => run.completed(1), null],
    ["completed", "reset", (run) => run.emit("step.reset", 1, { name: "a" }), null],
    ["failed", "reset", (run) => run.emit("step.reset", 1, { name: "a" }), "pending"],
    ["failed", "completed", (run) => run.completed(1), null],
    ["cancelled", "reset", (run) => run.emit("step.reset", 1, { name: "a" }), "pending"],
    ["skipped", "started", (run) => run.started(1, { index: 0 }), null],
  ];
  for (const [from, event, emit, to] of cases) {
    test(`${from}: ${event} ${to === null ? "is refused" : `makes it ${to}`}`, () => {
      const run = step[from]();
      if (to === null) {
        const before = run.state.steps.get(1);
        assert.throws(() => emit(run));
        assert.equal(run.state.steps.get(1), before, "what is refused changes nothing");
      } else assert.equal(emit(run).step(1).status, to);
    });
  }

  test("a reset step starts from nothing but keeps its id and its place", () => {
    const run = step.failed().emit("step.reset", 1, { name: "step 1" });
    const { id, order, attempt, error: failure, startedAt, completedAt, settledSeq } = run.step(1);
    assert.deepEqual(
      [id, order, attempt, failure, startedAt, completedAt, settledSeq],
      [1, 1, 0, null, null, null, null],
    );
  });

  test("the time of the first start and the seq of the end are kept", () => {
    const run = step.waiting();
    const first = run.step(1).startedAt;
    run.started(1, { index: 0, attempt: 2, input: { n: 2 } }).completed(1, "done");
    const { startedAt, attempt, input, output, settledSeq, error: failure } = run.step(1);
    assert.deepEqual([startedAt, attempt, input, output, failure], [first, 2, { n: 2 }, "done", null]);
    assert.equal(settledSeq, run.state.execution.lastSeq);
  });
});

describe("when an execution next needs a look", () => {
  test("at its deadline, or at the nearest of its timers before that", () => {
    assert.equal(wakeAt(step.running().state), 300_000);
    assert.equal(wakeAt(step.waiting().state), 5_000);
    assert.equal(wakeAt(step.waiting().started(2, { index: 1 }).retrying(2, 4_000).state), 4_000);
  });

  test("not at its deadline any more once it is given up", () => {
    const run = step.running().stopping();
    assert.equal(wakeAt(run.state), null);
    assert.equal(wakeAt(run.retrying(1, 400_000).state), 400_000);
  });

  test("never while it is paused or over", () => {
    assert.equal(wakeAt(step.waiting().emit("execution.paused", null, {}).state), null);
    assert.equal(wakeAt(reach.completed().state), null);
  });
});
