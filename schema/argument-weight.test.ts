import assert from "node:assert/strict";
import { test } from "node:test";
import { argumentWeight } from "./argument-weight.ts";

test("ordinary arguments add nothing; large ones what they hold, in values and in characters", () => {
  assert.equal(argumentWeight({ input: { name: "a", steps: [{ type: "log" }] } }), 0);
  assert.equal(argumentWeight({ input: Array.from({ length: 2_000 }, () => 1) }), 100);
  assert.equal(argumentWeight({ text: "a".repeat(100 * 1_024) }), 100);
  assert.equal(argumentWeight({ key: { ["k".repeat(10_240)]: null } }), 10);
});

test("values that are deeper than the stack, or more than anything may have, are priced all the same", () => {
  let deep: unknown = null;
  for (let level = 0; level < 200_000; level++) deep = [deep];
  assert.equal(argumentWeight(deep), 10_000);
  assert.ok(argumentWeight(Array.from({ length: 1_000_000 }, () => [])) > 10_000);
});
