import assert from "node:assert/strict";
import { test } from "node:test";
import { noteWork } from "../engine/index.ts";
import type { Logger } from "./config/index.ts";
import { watchLoop } from "./loop-watch.ts";

test("an event loop that was held is counted and told of, with what held it, and not again at once", async () => {
  const told: { work: string; what: string; held_ms: number }[] = [];
  const counted: string[] = [];
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const logger = { warn: (fields: (typeof told)[number]) => told.push(fields) } as unknown as Logger;
  const end = watchLoop(logger, (kind, seconds) => {
    if (seconds < 0.2) return;
    counted.push(kind);
    (counted.length === 1 ? first : second).resolve();
  });
  const hold = (): void => {
    noteWork("step", "big", 7);
    for (const until = performance.now() + 400; performance.now() < until; );
  };
  await new Promise((resolve) => setImmediate(resolve));
  hold();
  await first.promise;
  hold();
  await second.promise;
  end();
  assert.equal(told.length, 1);
  assert.deepEqual([told[0]?.work, told[0]?.what], ["step", "big"]);
  assert.ok(told[0]!.held_ms >= 200);
});
