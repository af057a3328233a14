import assert from "node:assert/strict";
import { test } from "node:test";
import { weightOfAnswer, weightOfJson } from "./answer-weight.ts";

test("an answer is weighed with its containers, in pieces", () => {
  const body = Buffer.from(`[${"{},".repeat(200_000)}[]]`);
  const work = weightOfJson(body);
  let steps = 0;
  for (;;) {
    const { done, value } = work.next();
    if (done) {
      assert.equal(value, weightOfAnswer(body.length) + 64 * 200_002);
      break;
    }
    steps += 1;
  }
  assert.ok(steps >= 9, `${steps} steps`);
});
