import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type TenantId, tenantNamed } from "../model/index.ts";
import { FairQueue } from "./fair-queue.ts";

const A = tenantNamed("a");
const B = tenantNamed("b");

test("tenants take turns, each in the order of its own line", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(tenantNamed(item[0]!), item);
  const order = Array.from({ length: 7 }, () => queue.shift());
  assert.deepEqual(order, ["a1", "b1", "c1", "a2", "c2", "a3", undefined]);
});

test("who comes new is next but one, however long another's line is", () => {
  const queue = new FairQueue<number>();
  for (let i = 0; i < 100_000; i++) queue.push(A, i);
  queue.push(B, -1);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [0, -1, 1]);
});

test("a line of 200,000 is served in time that grows with its length alone", () => {
  const queue = new FairQueue<number>();
  const size = 200_000;
  for (let i = 0; i < size; i++) queue.push(A, i);
  // Quadratic, this is 20 thousand million steps: the runner's time limit is what fails it.
  for (let i = 0; i < size; i++) assert.equal(queue.shift(), i);
  assert.equal(queue.waits(A), false);
});

test("those who have left are passed over, and those who may not be served keep their place", () => {
  const gone = new Set(["a1", "b1"]);
  const queue = new FairQueue<string>((item) => gone.has(item));
  for (const item of ["a1", "a2", "b1", "c1"]) queue.push(tenantNamed(item[0]!), item);
  assert.equal(queue.waits(B), false);
  assert.equal(
    queue.shift((tenant) => tenant !== "a"),
    "c1",
  );
  assert.equal(queue.shift(), "a2");
});

test("who was served or has left is held no more, while others wait behind and when nobody does", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const gone = new WeakSet<object>();
  const queue = new FairQueue<object>((item) => gone.has(item));
  const put = (tenant: TenantId): WeakRef<object> => {
    const item = { tenant };
    queue.push(tenant, item);
    return new WeakRef(item);
  };
  const [served, left, waiting, alone] = [put(A), put(A), put(A), put(B)];
  queue.shift();
  for (const one of [left, alone]) gone.add(one.deref()!);
  assert.deepEqual([queue.waits(A), queue.waits(B)], [true, false]);
  // A WeakRef is good until the turn of the event loop is over.
  await new Promise(setImmediate);
  collect();
  const held = [served, left, waiting, alone].map((one) => one.deref() !== undefined);
  assert.deepEqual(held, [false, false, true, false]);
  assert.notEqual(queue.shift(), undefined);
});
