import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
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

  test("keeps nothing of a message for as long as its listener takes, unless giving it up needs that", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const forever = new Promise<never>(() => {});
    const kept = (lose?: (message: object) => void): WeakRef<object> => {
      const message = { large: "x".repeat(1_000) };
      fenced("message", (_message: object) => forever, lose)(message);
      return new WeakRef(message);
    };
    const [dropped, needed] = [kept(), kept((message) => assert.ok(message))];
    await new Promise(setImmediate);
    collect();
    assert.equal(dropped.deref(), undefined);
    assert.ok(needed.deref());
  });

  test("hides nothing where nobody watches", () => {
    const listener = fenced("message", (text: string) => JSON.parse(text));
    assert.throws(() => listener("{"), SyntaxError);
  });
});
