import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "../../tests/support/clock.ts";
import { Lookout } from "./lookout.ts";

const START = "2026-01-01T00:00:00.000Z";
const after = (ms: number) => new Date(Date.parse(START) + ms).toISOString();

/** A lookout for times, which are all it takes. */
class Bench {
  readonly clock = new TestClock(START);
  /** Times that are to come due, in ms after the start. */
  due: number[] = [];
  readonly taken: number[] = [];
  readonly failures: string[] = [];
  looks = 0;
  /** Another process has them: they are due, and cannot be taken. */
  heldElsewhere = false;
  /** What happens in the middle of taking. */
  duringTake: () => void | Promise<void> = () => {};
  duringNext: () => void = () => {};
  readonly lookout = new Lookout({
    take: async () => {
      this.looks += 1;
      const now = this.elapsed;
      await this.duringTake();
      if (this.heldElsewhere) return;
      this.taken.push(...this.due.filter((at) => at <= now));
      this.due = this.due.filter((at) => at > now);
    },
    nextAt: async () => {
      this.duringNext();
      return this.due.length === 0 ? null : Date.parse(START) + Math.min(...this.due);
    },
    failed: (error) => this.failures.push(String(error)),
    retryMs: 1_000,
    passedOverMs: 20,
    clock: this.clock,
  });

  private get elapsed(): number {
    return this.clock.now() - Date.parse(START);
  }
}

/** Lets what was woken come to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test("takes what is due, and waits for the next with one timer", async () => {
  const bench = new Bench();
  bench.due = [0, 300, 500];
  await bench.lookout.start();
  assert.deepEqual([bench.taken, bench.clock.armed], [[0], [after(300)]]);
  await bench.clock.moveTo(after(400));
  assert.deepEqual([bench.taken, bench.clock.armed, bench.looks], [[0, 300], [after(500)], 2]);
});

test("looks again in a minute when nothing waits, and when what waits is further away", async () => {
  const bench = new Bench();
  await bench.lookout.start();
  assert.deepEqual(bench.clock.armed, [after(60_000)]);
  bench.due = [300_000];
  await bench.clock.moveTo(after(60_000));
  assert.deepEqual(bench.clock.armed, [after(120_000)]);
});

test("looks again soon for what another process holds", async () => {
  const bench = new Bench();
  bench.due = [0];
  bench.heldElsewhere = true;
  await bench.lookout.start();
  assert.deepEqual([bench.taken, bench.clock.armed], [[], [after(20)]]);
  bench.heldElsewhere = false;
  await bench.clock.moveTo(after(20));
  assert.deepEqual(bench.taken, [0]);
});

test("woken while it looks it looks once more, and never twice at a time", async () => {
  const bench = new Bench();
  const { opened, open } = gate();
  let takingNow = 0;
  bench.duringTake = async () => {
    takingNow += 1;
    assert.equal(takingNow, 1);
    await opened;
    takingNow -= 1;
  };
  const started = bench.lookout.start();
  bench.due = [0];
  for (let wakes = 0; wakes < 3; wakes++) bench.lookout.wake();
  open();
  await started;
  assert.deepEqual([bench.looks, bench.taken, bench.clock.armed], [2, [0], [after(60_000)]]);
});

test("what comes up while it asks for the next time is not missed", async () => {
  const bench = new Bench();
  bench.duringNext = () => {
    bench.duringNext = () => {};
    bench.due = [0];
    bench.lookout.wake();
  };
  await bench.lookout.start();
  assert.deepEqual([bench.looks, bench.taken], [2, [0]]);
});

for (const part of ["duringTake", "duringNext"] as const) {
  test(`a failure ${part === "duringTake" ? "to take" : "to find the next time"} is told, waited out, and gone on from`, async () => {
    const bench = new Bench();
    bench[part] = () => {
      throw new Error("Postgres is away");
    };
    await bench.lookout.start();
    assert.deepEqual([bench.failures, bench.lookout.isHealthy], [["Error: Postgres is away"], false]);
    assert.deepEqual([bench.looks, bench.clock.armed], [1, [after(1_000)]]);
    await bench.clock.moveTo(after(1_000));
    assert.deepEqual([bench.failures.length, bench.clock.armed], [2, [after(2_000)]]);
    bench[part] = () => {};
    bench.due = [1_500];
    await bench.clock.moveTo(after(2_000));
    assert.deepEqual([bench.taken, bench.lookout.isHealthy, bench.failures.length], [[1_500], true, 2]);
  });
}

test("woken while it waits out a failure it looks at once", async () => {
  const bench = new Bench();
  bench.duringTake = () => {
    bench.duringTake = () => {};
    throw new Error("Postgres is away");
  };
  await bench.lookout.start();
  bench.due = [0];
  bench.lookout.wake();
  await settled();
  assert.deepEqual([bench.taken, bench.lookout.isHealthy, bench.clock.armed], [[0], true, [after(60_000)]]);
});

test("stopped while it takes it ends that, and looks no more", async () => {
  const bench = new Bench();
  const { opened, open } = gate();
  bench.duringTake = () => opened;
  bench.due = [0, 300];
  const started = bench.lookout.start();
  bench.lookout.wake();
  let isStopped = false;
  const stopped = bench.lookout.stop().then(() => {
    isStopped = true;
  });
  await settled();
  assert.equal(isStopped, false);
  open();
  await Promise.all([started, stopped]);
  bench.lookout.wake();
  bench.lookout.expect(bench.clock.now());
  assert.deepEqual([bench.looks, bench.taken, bench.clock.armed], [1, [0], []]);
});

test("stopped while it waits it is done at once; before its start it does nothing", async () => {
  const bench = new Bench();
  bench.lookout.wake();
  assert.deepEqual([bench.looks, bench.clock.armed], [0, []]);
  await bench.lookout.start();
  await bench.lookout.stop();
  assert.deepEqual([bench.looks, bench.clock.armed], [1, []]);
});

test("word of something that will be due moves the timer to it, and never away", async () => {
  const bench = new Bench();
  bench.due = [500];
  await bench.lookout.start();
  bench.lookout.expect(Date.parse(after(900)));
  assert.deepEqual(bench.clock.armed, [after(500)]);
  bench.lookout.expect(Date.parse(after(100)));
  assert.deepEqual(bench.clock.armed, [after(100)]);
  await bench.clock.moveTo(after(100));
  assert.deepEqual([bench.looks, bench.clock.armed], [2, [after(500)]]);
});

test("word that comes while it looks makes it look once more", async () => {
  const bench = new Bench();
  bench.duringNext = () => {
    bench.duringNext = () => {};
    bench.due = [100];
    bench.lookout.expect(Date.parse(after(100)));
  };
  await bench.lookout.start();
  assert.deepEqual([bench.looks, bench.clock.armed], [2, [after(100)]]);
});

test("goes by the machine's clock unless it is given another", async () => {
  const { opened, open } = gate();
  let looks = 0;
  const lookout = new Lookout({
    take: async () => {
      looks += 1;
      if (looks === 2) open();
    },
    nextAt: async () => Date.now() + 5,
    failed: () => assert.fail(),
    retryMs: 1_000,
    passedOverMs: 20,
  });
  await lookout.start();
  await opened;
  await lookout.stop();
});
