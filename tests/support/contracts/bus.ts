import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Bus } from "../../../engine/bus/bus.ts";

/** What every bus does. `create` gives a fresh one; messages of one test never reach another. */
export function busContract(name: string, create: () => Promise<Bus>): void {
  describe(`${name} bus`, { timeout: 120_000 }, () => {
    let bus: Bus;
    beforeEach(async () => {
      bus = await create();
    });
    afterEach(() => bus.close());

    /** Listens, and tells when so many messages came. */
    const listen = async (channel: string) => {
      const messages: unknown[] = [];
      let wake = (): void => {};
      const subscription = await bus.subscribe(channel, (message) => {
        messages.push(message);
        wake();
      });
      const heard = async (count: number): Promise<unknown[]> => {
        while (messages.length < count) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return messages;
      };
      return { messages, heard, ...subscription };
    };
    /** Whatever was published before this has arrived when it resolves. */
    const drained = async (): Promise<void> => {
      const end = await listen("the end");
      bus.publish("the end", null);
      await end.heard(1);
      end.unsubscribe();
    };

    test("brings each message of a channel to each listener, in the order in which they were published", async () => {
      const [one, two] = [await listen("a"), await listen("a")];
      for (let n = 0; n < 100; n++) bus.publish("a", { n });
      const expected = Array.from({ length: 100 }, (_, n) => ({ n }));
      assert.deepEqual(await one.heard(100), expected);
      assert.deepEqual(await two.heard(100), expected);
    });

    test("brings nothing of another channel", async () => {
      const a = await listen("a");
      bus.publish("b", 1);
      bus.publish("a:1", 2);
      bus.publish("a", 3);
      await drained();
      assert.deepEqual(a.messages, [3]);
    });

    test("brings what is published once subscribe has resolved, and nothing from before", async () => {
      bus.publish("a", "before");
      await drained();
      const a = await listen("a");
      bus.publish("a", "after");
      assert.deepEqual(await a.heard(1), ["after"]);
    });

    test("brings nothing to a listener that has unsubscribed, and still everything to the others", async () => {
      const [gone, stays] = [await listen("a"), await listen("a")];
      gone.unsubscribe();
      gone.unsubscribe();
      bus.publish("a", 1);
      await stays.heard(1);
      await drained();
      assert.deepEqual([gone.messages, stays.messages], [[], [1]]);
    });

    test("takes the same function twice as two listeners", async () => {
      let calls = 0;
      const listener = (): void => {
        calls++;
      };
      const first = await bus.subscribe("a", listener);
      await bus.subscribe("a", listener);
      bus.publish("a", 1);
      await drained();
      assert.equal(calls, 2);
      first.unsubscribe();
      bus.publish("a", 2);
      await drained();
      assert.equal(calls, 3);
    });

    test("a listener may unsubscribe while it is called", async () => {
      const heard: string[] = [];
      const once = await bus.subscribe("a", () => {
        heard.push("once");
        once.unsubscribe();
      });
      await bus.subscribe("a", () => heard.push("always"));
      bus.publish("a", 1);
      bus.publish("a", 2);
      await drained();
      assert.deepEqual(heard.sort(), ["always", "always", "once"]);
    });

    test("publishing where nobody listens is nothing", () => {
      bus.publish("nobody", 1);
    });

    test("brings nothing after it was closed", async () => {
      const a = await listen("a");
      await bus.close();
      bus.publish("a", 1);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(a.messages, []);
    });
  });
}
