import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EngineLogger } from "../model/observer.ts";
import { DatabaseClock } from "./database-clock.ts";

const START = Date.parse("2026-03-01T12:00:00Z");
const HOUR = 3_600_000;

/** Three clocks that a test moves, and the service time made of them. */
async function setUp() {
  const told: number[] = [];
  const log: EngineLogger = (_level, _message, fields) => void told.push(fields?.difference_ms as number);
  const times = { database: START, monotonic: 500, up: 90_000, roundTrip: 0, isAway: false };
  const pass = (ms: number): void => {
    times.database += ms;
    times.monotonic += ms;
    times.up += ms;
  };
  const clock = await DatabaseClock.open(null as never, log, {
    database: async () => {
      if (times.isAway) throw new Error("Postgres is away");
      pass(times.roundTrip / 2);
      const answer = times.database;
      pass(times.roundTrip / 2);
      return answer;
    },
    monotonic: () => times.monotonic,
    up: () => times.up,
  });
  /** As the service lives: a measure every five seconds. */
  const live = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 5_000) {
      pass(Math.min(left, 5_000));
      await clock.measure();
    }
  };
  clock.close();
  return { clock, times, told, pass, live };
}

describe("service time", () => {
  test("is Postgres' when the process starts, and goes on with the monotonic clock", async () => {
    const { clock, pass } = await setUp();
    assert.equal(clock.now(), START);
    pass(1_234);
    assert.equal(clock.now(), START + 1_234);
  });

  for (const [name, jump] of [
    ["back", -HOUR],
    ["forward", HOUR],
  ] as const) {
    test(`goes on when Postgres' clock is set ${name} by an hour: a minute is a minute, give or take a tenth`, async () => {
      const { clock, times, told, live } = await setUp();
      times.database += jump;
      await live(5_000);
      const before = clock.now();
      await live(60_000);
      const passed = clock.now() - before;
      assert.ok(passed >= 54_000 && passed <= 66_000, `${passed} ms`);
      assert.deepEqual(told, [jump], "told once");
      assert.ok(Math.abs(clock.skewMs) > HOUR - 10_000);
    });

    test(`agrees with Postgres again within half a day after that (${name}), and never went back`, async () => {
      const { clock, times, live } = await setUp();
      times.database += jump;
      let last = clock.now();
      for (let hours = 0; hours < 12; hours++) {
        await live(HOUR);
        assert.ok(clock.now() > last);
        last = clock.now();
      }
      assert.ok(Math.abs(clock.now() - times.database) <= 1);
      assert.ok(Math.abs(clock.skewMs) <= 1);
    });
  }

  test("follows a clock that runs faster than ours, and says nothing of it", async () => {
    const { clock, times, told, live } = await setUp();
    for (let i = 0; i < 100; i++) {
      await live(5_000);
      times.database += 3;
    }
    assert.ok(Math.abs(clock.now() - times.database) <= 2 * 3 + 1);
    assert.deepEqual(told, []);
  });

  test("counts the time in which the machine slept at once", async () => {
    const { clock, times, live, told } = await setUp();
    times.database += 8 * HOUR;
    times.up += 8 * HOUR;
    await live(5_000);
    assert.ok(Math.abs(clock.now() - times.database) <= 1);
    assert.deepEqual(told, []);
  });

  test("goes on while Postgres is away or slow, and counts a sleep then too", async () => {
    const { clock, times, live } = await setUp();
    times.isAway = true;
    await live(60_000);
    assert.equal(clock.now(), START + 60_000);
    times.up += HOUR;
    times.database += HOUR;
    await live(5_000);
    assert.equal(clock.now(), times.database);
    times.isAway = false;
    times.roundTrip = 10_000;
    times.database += 5 * HOUR;
    await live(5_000);
    assert.equal(clock.skewMs, 0);
  });

  test("takes the middle of a round trip for the moment of the answer", async () => {
    const { clock, times, live } = await setUp();
    times.roundTrip = 400;
    await live(20_000);
    assert.equal(clock.now(), times.database);
  });
});
