import assert from "node:assert/strict";
import { test } from "node:test";
import { compensationStatuses, executionStatuses } from "../engine/model/status.ts";
import { sagaStatus, sagaStatuses, standings } from "./saga-status.ts";

test("an execution stands in exactly one place as a saga, and each place is one that it can stand in", () => {
  const found = executionStatuses.flatMap((status) =>
    compensationStatuses.map((compensationStatus) => {
      const fitting = sagaStatuses.filter((name) =>
        standings[name].some(
          ({ statuses, compensations }) =>
            statuses.includes(status) && (compensations === undefined || compensations.includes(compensationStatus)),
        ),
      );
      assert.deepEqual(fitting, [sagaStatus({ status, compensationStatus })], `${status}, ${compensationStatus}`);
      return fitting[0];
    }),
  );
  assert.deepEqual([...new Set(found)].sort(), [...sagaStatuses].sort());
});

for (const [status, compensationStatus, expected] of [
  ["waiting", "none", "running"],
  ["failed", "none", "failed"],
  ["failed", "completed", "compensated"],
  ["timed_out", "failed", "failed"],
  ["cancelled", "completed", "cancelled"],
  ["cancelled", "failed", "failed"],
] as const) {
  test(`${status} with compensation ${compensationStatus} is ${expected}`, () => {
    assert.equal(sagaStatus({ status, compensationStatus }), expected);
  });
}
