import assert from "node:assert/strict";
import { test } from "node:test";
import { longestWork, noteWork } from "./work-notes.ts";

/** Computes for that long. */
function compute(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test("what held the event loop is what was begun before the longest stretch of it", () => {
  const from = performance.now();
  noteWork("request", "GET /a");
  compute(2);
  noteWork("step", "big", 7);
  compute(80);
  noteWork("journal", "flush");
  compute(2);
  assert.deepEqual(longestWork(from, performance.now()), { kind: "step", what: "big", executionId: 7 });
});
