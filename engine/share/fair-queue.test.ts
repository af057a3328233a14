import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue } from "./fair-queue.ts";

test("tenants take turns, each in the order of its own line", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(item[0]!, item);
  const order = Array.from({ length: 7 }, () => queue.shift());
  assert.deepEqual(order, ["a1", "b1", "c1", "a2", "c2", "a3", undefined]);
});

test("who comes new is next but one, however long another's line is", () => {
  const queue = new FairQueue<number>();
  for (let i = 0; i < 100_000; i++) queue.push("a", i);
  queue.push("b", -1);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [0, -1, 1]);
});

test("a line of 200,000 is served in time that grows with its length alone", () => {
  const queue = new FairQueue<number>();
  const size = 200_000;
  for (let i = 0; i < size; i++) queue.push("a", i);
  // Quadratic, this is 20 thousand million steps: the runner's time limit is what fails it.
  for (let i = 0; i < size; i++) assert.equal(queue.shift(), i);
  assert.equal(queue.waits("a"), false);
});

test("those who have left are passed over, and those who may not be served keep their place", () => {
  const gone = new Set(["a1", "b1"]);
  const queue = new FairQueue<string>((item) => gone.has(item));
  for (const item of ["a1", "a2", "b1", "c1"]) queue.push(item[0]!, item);
  assert.equal(queue.waits("b"), false);
  assert.equal(
    queue.shift((tenant) => tenant !== "a"),
    "c1",
  );
  assert.equal(queue.shift(), "a2");
});
