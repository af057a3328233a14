import assert from "node:assert/strict";
import { test } from "node:test";
import { tenantNamed } from "../model/index.ts";
import { MemoryBudget } from "./memory-budget.ts";

const A = tenantNamed("a");
const B = tenantNamed("b");
const C = tenantNamed("c");

const never = new AbortController().signal;

test("what is over the budget waits until something is closed", async () => {
  const budget = new MemoryBudget(100);
  const [one, two] = [budget.open(A, 10), budget.open(B, 10)];
  const [first, second] = [one.reserve(), two.reserve()];
  assert.equal(first.grow(50, never), null);
  assert.equal(budget.admits(C, 40), false);
  assert.equal(second.grow(20, never), null);
  first.close();
  assert.equal(budget.admits(C, 40), true);
  one.close();
  two.close();
  second.close();
  assert.equal(budget.usedBytes, 0);
});

test("of those who all wait for each other one goes on at a time, and all come to their end", async () => {
  const budget = new MemoryBudget(100);
  const holdings = Array.from({ length: 8 }, (_, i) => budget.open(tenantNamed(`tenant ${i % 2}`), 5));
  let over = 0;
  let most = 0;
  const answers = holdings.flatMap((holding) =>
    Array.from({ length: 3 }, async () => {
      const reservation = holding.reserve();
      for (const bytes of [10, 20, 40]) {
        await reservation.grow(bytes, never);
        await new Promise(setImmediate);
      }
      over += 1;
      most = Math.max(most, budget.usedBytes);
      await new Promise(setImmediate);
      over -= 1;
      holding.resize(holding.size + 40);
      reservation.close();
    }),
  );
  const ends = holdings.map(async (holding, i) => {
    await Promise.all(answers.slice(i * 3, i * 3 + 3));
    holding.close();
  });
  await Promise.all(ends);
  assert.equal(budget.usedBytes, 0);
  assert.equal(over, 0);
  // Beside the favoured one: 7 that hold up to 5 + 2 × 40, which they had before they came to stand.
  assert.ok(most <= 200, `${most}`);
});

test("another tenant's small work goes on beside one who is over the budget", () => {
  const budget = new MemoryBudget(100);
  const holding = budget.open(A, 10);
  const reservation = holding.reserve();
  assert.equal(reservation.grow(60, never), null);
  const more = holding.reserve();
  const waiting = more.grow(500, never);
  assert.ok(waiting);
  assert.equal(budget.admits(B, 10), true);
});

test("one that is cancelled while it waits leaves nothing behind", async () => {
  const budget = new MemoryBudget(100);
  const [one, two] = [budget.open(A, 60), budget.open(A, 60)];
  const abort = new AbortController();
  // The first that waits is favoured.
  const favoured = one.reserve();
  await favoured.grow(90, never);
  const waiting = two.reserve().grow(90, abort.signal);
  abort.abort(new Error("cancelled"));
  await assert.rejects(waiting!, { message: "cancelled" });
  for (const each of [favoured, one, two]) each.close();
  assert.equal(budget.usedBytes, 0);
});

test("while the budget is spent one goes on, and the others when it has closed", async () => {
  const budget = new MemoryBudget(100);
  const [one, two] = [budget.open(A, 80), budget.open(B, 80)];
  await one.pause(never);
  assert.equal(two.pause(never), null, "the favoured one is not counted");
  one.close();
  two.close();
  assert.equal(budget.usedBytes, 0);
});
