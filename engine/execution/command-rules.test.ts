import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ExecutionSummary, StepRecord } from "../model/index.ts";
import { type CommandData, isReopenable, refusalOf } from "./command-rules.ts";

type Standing = Pick<ExecutionSummary, "status" | "outcome" | "compensationStatus">;
const standings = {
  pending: { status: "pending", outcome: null, compensationStatus: "none" },
  running: { status: "running", outcome: null, compensationStatus: "none" },
  waiting: { status: "waiting", outcome: null, compensationStatus: "none" },
  paused: { status: "paused", outcome: null, compensationStatus: "none" },
  stopping: { status: "running", outcome: "failed", compensationStatus: "none" },
  undoing: { status: "compensating", outcome: "cancelled", compensationStatus: "running" },
  completed: { status: "completed", outcome: null, compensationStatus: "none" },
  failed: { status: "failed", outcome: "failed", compensationStatus: "none" },
  "timed out": { status: "timed_out", outcome: "timed_out", compensationStatus: "none" },
  cancelled: { status: "cancelled", outcome: "cancelled", compensationStatus: "none" },
  undone: { status: "failed", outcome: "failed", compensationStatus: "completed" },
  stuck: { status: "failed", outcome: "failed", compensationStatus: "failed" },
} as const satisfies Record<string, Standing>;
type Name = keyof typeof standings;

const step = (fields: Partial<StepRecord>): StepRecord =>
  ({ id: 7, role: "action", status: "completed", wait: null, ...fields }) as StepRecord;
const event = (approval: boolean): StepRecord["wait"] => ({ kind: "event", event: "e", correlation: null, approval });
const steps = {
  none: null,
  done: step({}),
  running: step({ status: "running" }),
  failed: step({ status: "failed" }),
  "waiting for a time": step({ status: "waiting", wait: { kind: "retry" } }),
  "waiting for an event": step({ status: "waiting", wait: event(false) }),
  "waiting for an approval": step({ status: "waiting", wait: event(true) }),
  "an undoing that failed": step({ role: "compensation", status: "failed" }),
  "an undoing that waits": step({ role: "compensation", status: "waiting", wait: { kind: "retry" } }),
} as const;

/** Who may, of which execution, with which step. Everything else is refused. */
const allowed: readonly (readonly [CommandData, readonly Name[], readonly (keyof typeof steps)[]])[] = [
  [{ kind: "cancel", compensate: true, reason: null }, ["pending", "running", "waiting", "paused"], ["none"]],
  [{ kind: "pause" }, ["pending", "running", "waiting"], ["none"]],
  [{ kind: "resume" }, ["paused"], ["none"]],
  [{ kind: "retry", step_id: 7 }, ["failed", "timed out"], ["failed"]],
  [{ kind: "retry", step_id: null }, ["failed", "timed out"], ["none"]],
  [{ kind: "resume_compensation" }, ["stuck"], ["none"]],
  [{ kind: "skip_compensation", step_id: 7, reason: "r" }, ["stuck"], ["an undoing that failed"]],
  [
    { kind: "event", event: "e", correlation: null, step_id: null, data: 1 },
    ["pending", "running", "waiting", "paused", "stopping", "undoing"],
    ["none"],
  ],
  [
    { kind: "event", event: "e", correlation: null, step_id: 7, data: 1, position: 3 },
    ["pending", "running", "waiting", "paused", "stopping", "undoing"],
    ["done", "running", "waiting for an event"],
  ],
];

describe("a command may act", () => {
  for (const [data, names, on] of allowed) {
    test(`${JSON.stringify(data)}: ${names.join(", ")}`, () => {
      for (const [name, execution] of Object.entries(standings)) {
        for (const subject of on) {
          const refusal = refusalOf(data, execution as ExecutionSummary, steps[subject]);
          assert.equal(refusal === null, names.includes(name as Name), `${name}, ${subject}: ${refusal?.message}`);
          if (refusal) assert.equal(refusal.code, "INVALID_STATE");
        }
      }
    });
  }

  const judged = (data: CommandData, name: Name): string[] =>
    Object.entries(steps).flatMap(([subject, record]) =>
      refusalOf(data, standings[name] as ExecutionSummary, record) === null ? [subject] : [],
    );

  test("a retry is of a step that failed", () => {
    assert.deepEqual(judged({ kind: "retry", step_id: 7 }, "failed"), ["none", "failed"]);
  });

  test("a skip is of a step that waits, or that failed its execution", () => {
    const skip = { kind: "skip", step_id: 7, output: null, reason: "r" } as const;
    const waits = ["waiting for a time", "waiting for an event", "waiting for an approval"];
    assert.deepEqual(judged(skip, "running"), [...waits, "an undoing that waits"]);
    assert.deepEqual(judged(skip, "undoing"), ["an undoing that waits"]);
    assert.ok(judged(skip, "failed").includes("failed"));
    for (const name of ["undone", "stuck", "cancelled"] as const) assert.ok(!judged(skip, name).includes("failed"));
  });

  test("an answer is to a step that waits for one, whatever the name of its event", () => {
    const answer = { kind: "event", event: "approval", correlation: null, step_id: 7, data: 1 } as const;
    assert.deepEqual(judged(answer, "waiting"), ["waiting for an approval"]);
  });

  test("a compensation that is skipped is one that failed", () => {
    const skip = { kind: "skip_compensation", step_id: 7, reason: "r" } as const;
    assert.deepEqual(judged(skip, "stuck"), ["an undoing that failed"]);
  });

  test("what failed and still stands can be opened again", () => {
    const open = Object.entries(standings).filter(([, execution]) => isReopenable(execution as ExecutionSummary));
    assert.deepEqual(
      open.map(([name]) => name),
      ["failed", "timed out"],
    );
  });
});
