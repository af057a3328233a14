import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { type FencedFault, fenced, watchFaults } from "./fence.ts";

describe("a fence", () => {
  test("tells of a fault, and gives up what the listener was called for", async (t) => {
    const told = Promise.withResolvers<FencedFault>();
    t.after(watchFaults(told.resolve));
    const lost: string[] = [];
    const listener = fenced(
      "message",
      (text: string) => JSON.parse(text),
      (text) => void lost.push(text),
    );
    listener("{");
    assert.equal((await told.promise).listener, "message");
    assert.deepEqual(lost, ["{"]);
    listener("{}");
    assert.deepEqual(lost, ["{"]);
  });

  test("holds a fault that comes later, too", async (t) => {
    const told = Promise.withResolvers<FencedFault>();
    t.after(watchFaults(told.resolve));
    fenced("timer", async () => once(null as never, "nothing"))();
    assert.ok((await told.promise).error instanceof TypeError);
  });

  test("hides nothing where nobody watches", () => {
    const listener = fenced("message", (text: string) => JSON.parse(text));
    assert.throws(() => listener("{"), SyntaxError);
  });
});
