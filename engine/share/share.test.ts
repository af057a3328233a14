import assert from "node:assert/strict";
import { test } from "node:test";
import { type TenantId, tenantNamed } from "../model/index.ts";
import { Share, timesFreeOfShort } from "./share.ts";

const A = tenantNamed("a");
const B = tenantNamed("b");

/** How many of one it gets until it is refused. */
function takeAll(share: Share, tenant: TenantId): number {
  let taken = 0;
  while (share.tryTake(tenant, 1)) taken += 1;
  return taken;
}

test("one tenant gets nine tenths, and leaves some for each that comes later", () => {
  const share = new Share(100);
  assert.deepEqual([takeAll(share, A), takeAll(share, B), takeAll(share, tenantNamed("c"))], [90, 9, 1]);
});

test("few of something are all to be had", () => {
  for (const limit of [1, 2, 3, 4]) assert.equal(takeAll(new Share(limit), A), limit);
});

test("of what is given back at once a tenant leaves one in 32, and one of few", () => {
  const free = [4, 5, 10, 20, 100, 400].map((limit) => {
    const share = new Share(limit, () => {}, timesFreeOfShort(limit));
    return limit - takeAll(share, A);
  });
  assert.deepEqual(free, [0, 1, 1, 1, 3, 12]);
});

test("while others wait, who holds more than they do takes no more", async () => {
  const share = new Share(100);
  takeAll(share, A);
  const turn = share.take(B, 50);
  assert.ok(turn);
  share.give(A, 1);
  assert.equal(share.tryTake(A, 1), false);
  share.give(A, 48);
  assert.equal(await turn.taken(), true);
  assert.equal(share.taken, 41 + 50);
});

test("who waits is served in the order of its line, and not passed by its own tenant", async () => {
  const share = new Share(10);
  assert.equal(share.take(A, 8), null);
  const [large, small] = [share.take(A, 6), share.take(A, 1)];
  assert.equal(share.tryTake(A, 1), false);
  const order: string[] = [];
  void large?.taken().then(() => order.push("large"));
  void small?.taken().then(() => order.push("small"));
  share.give(A, 8);
  await new Promise(setImmediate);
  assert.deepEqual(order, ["large", "small"]);
});

test("who leaves the line gets nothing, and gives back what it was granted at that moment", async () => {
  const share = new Share(10);
  const [one, two] = [new AbortController(), new AbortController()];
  share.take(A, 10);
  const turns = [one, two].map(({ signal }) => share.take(A, 5)?.taken(signal));
  one.abort(new Error("one"));
  share.give(A, 10);
  two.abort(new Error("two"));
  const [left, late] = await Promise.allSettled(turns);
  assert.deepEqual([left?.status, late?.status], ["rejected", "rejected"]);
  assert.equal(share.isIdle, true);
});

test("what asks for more than there is gets it when nothing is taken", () => {
  assert.equal(new Share(10).tryTake(A, 50), true);
});

test("when the first in line leaves, those behind are served if there is room for them", async () => {
  const share = new Share(10);
  assert.equal(share.take(A, 5), null);
  const large = new AbortController();
  const leaving = share.take(A, 8)?.taken(large.signal);
  const small = share.take(A, 1)?.taken();
  large.abort(new Error("it waited long enough"));
  await assert.rejects(leaving!, /long enough/);
  assert.equal(await small, true);
});
