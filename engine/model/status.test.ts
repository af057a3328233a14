import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canExecutionBecome,
  canStepBecome,
  type ExecutionStatus,
  executionStatuses,
  isExecutionOver,
  isStepOver,
  type StepStatus,
  stepStatuses,
} from "./status.ts";

/** A row per status that is left, a column per status that is entered, in the order of the lists; x is allowed. */
const executionTable: Readonly<Record<ExecutionStatus, string>> = {
  //             pend run wait paus comp done fail time canc
  pending: "      .    x   .    .    .    .    .    .    x",
  running: "      .    .   x    x    x    x    x    x    x",
  waiting: "      .    x   .    x    .    .    .    .    .",
  paused: "       .    x   .    .    .    .    .    .    .",
  compensating: " .    .   x    .    .    .    x    x    x",
  completed: "    .    .   .    .    .    .    .    .    .",
  failed: "       .    x   .    .    x    .    .    .    .",
  timed_out: "    .    x   .    .    x    .    .    .    .",
  cancelled: "    .    .   .    .    x    .    .    .    .",
};

const stepTable: Readonly<Record<StepStatus, string>> = {
  //          pend run wait done fail skip canc
  pending: "   .    x   .    .    x    x    x",
  running: "   .    x   x    x    x    .    x",
  waiting: "   .    x   .    x    x    x    x",
  completed: " .    .   .    .    .    .    .",
  failed: "    x    x   .    .    .    x    .",
  skipped: "   .    .   .    .    .    .    .",
  cancelled: " x    x   .    .    .    .    .",
};

function check<Status extends string>(
  statuses: readonly Status[],
  table: Readonly<Record<Status, string>>,
  can: (from: Status, to: Status) => boolean,
): void {
  for (const from of statuses) {
    const row = table[from].trim().split(/\s+/);
    assert.equal(row.length, statuses.length);
    statuses.forEach((to, i) => {
      assert.equal(can(from, to), row[i] === "x", `${from} → ${to}`);
    });
  }
}

test("an execution goes only where the table says", () => {
  check(executionStatuses, executionTable, canExecutionBecome);
});

test("a step goes only where the table says", () => {
  check(stepStatuses, stepTable, canStepBecome);
});

test("what is over is left only to be tried again or undone", () => {
  assert.deepEqual(executionStatuses.filter(isExecutionOver), ["completed", "failed", "timed_out", "cancelled"]);
  assert.deepEqual(stepStatuses.filter(isStepOver), ["completed", "failed", "skipped", "cancelled"]);
  for (const from of executionStatuses.filter(isExecutionOver)) {
    const next = executionStatuses.filter((to) => canExecutionBecome(from, to));
    assert.ok(
      next.every((to) => to === "running" || to === "compensating"),
      from,
    );
  }
});
