import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DateTime } from "./scalars.ts";

test("a moment is sent as toISOString writes it, whatever was sent before", () => {
  fc.assert(
    fc.property(fc.array(fc.date({ noInvalidDate: true })), (dates) => {
      for (const date of dates) assert.equal(DateTime.serialize(date), date.toISOString());
    }),
  );
  const at = Date.UTC(2025, 0, 8);
  for (const ms of [0, 7, 42, 999, 1_000, -1, -1_000]) {
    assert.equal(DateTime.serialize(new Date(at + ms)), new Date(at + ms).toISOString());
  }
});

test("what is no moment is an error", () => {
  assert.throws(() => DateTime.serialize(new Date(Number.NaN)));
  assert.throws(() => DateTime.serialize("yesterday"));
});
