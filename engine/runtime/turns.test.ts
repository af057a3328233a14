import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn } from "./turns.ts";

test("between two long pieces of work everything else has its turn, also after one that failed", async () => {
  const order: string[] = [];
  const work = (name: string) => () => {
    order.push(name);
    setImmediate(() => order.push(`beside ${name}`));
    if (name === "b") throw new Error("b");
    return name;
  };
  const done = await Promise.allSettled(["a", "b", "c"].map((name) => inTurn(work(name))));
  assert.deepEqual(order, ["a", "beside a", "b", "beside b", "c"]);
  assert.deepEqual(
    done.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason))),
    ["a", "Error: b", "c"],
  );
});
