import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shareWithin } from "./load.ts";

test("a run counts by its share within the measured time", () => {
  assert.equal(shareWithin(10, 20, 0, 100), 1);
  assert.equal(shareWithin(10, 20, 15, 100), 0.5);
  assert.equal(shareWithin(10, 20, 0, 12), 0.2);
  assert.equal(shareWithin(0, 100, 25, 75), 0.5);
  assert.equal(shareWithin(10, 20, 20, 30), 0);
  assert.equal(shareWithin(10, 20, 30, 40), 0);
});

test("waves give the same rate wherever the measured time begins", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 3000, noNaN: true }), fc.integer({ min: 1, max: 1500 }), (from, waveMs) => {
      let counted = 0;
      for (let start = 0; start < 6000; start += waveMs)
        counted += shareWithin(start, start + waveMs, from, from + 2000);
      assert.ok(Math.abs(counted - 2000 / waveMs) < 1e-6);
    }),
  );
});
