import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import type { LiveFeed, LiveLog, LiveReader, LiveState, Positioned } from "../engine/index.ts";
import type { Batch } from "./batch.ts";
import { LiveHub } from "./hub.ts";
import type { Sink } from "./sink.ts";

const PAGE_SIZE = 7;

/** A log in memory, with readers that can be counted. */
class Log {
  readonly items: number[] = [];
  isOver = false;
  opened = 0;
  performed = 0;
  pagesRead = 0;
  private waiting: (() => void)[] = [];

  append(count: number, isEnd = false): void {
    for (let i = 0; i < count; i++) this.items.push(this.items.length + 1);
    this.isOver = isEnd;
    this.wake();
  }

  wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async *read(after: number, state: { isClosed: boolean }) {
    this.opened += 1;
    try {
      for (let cursor = after; !state.isClosed; ) {
        const items = this.items.slice(cursor, cursor + 5).map((position) => ({ position, value: position }));
        cursor += items.length;
        if (items.length > 0) yield items;
        else if (this.isOver) return;
        else await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
    } finally {
      this.opened -= 1;
    }
  }

  source(after: number): LiveLog<number> {
    const open = (position: number): LiveReader<number> => {
      const state = { isClosed: false };
      const generator = this.read(position, state);
      return {
        next: () => generator.next(),
        return: async () => {
          state.isClosed = true;
          this.wake();
          return generator.return() as Promise<IteratorReturnResult<undefined>>;
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    };
    return {
      kind: "log",
      topic: "log",
      after,
      open,
      startingAfter: (cursor) => this.source(cursor),
      page: async (position) => {
        this.pagesRead += 1;
        const items = this.items.slice(position, position + PAGE_SIZE).map((seq) => ({ position: seq, value: seq }));
        await setImmediate();
        return { items, isLast: items.length < PAGE_SIZE };
      },
      async *[Symbol.asyncIterator]() {},
    };
  }

  perform = async (value: unknown): Promise<string> => {
    this.performed += 1;
    await setImmediate();
    return JSON.stringify(value);
  };
}

/** Takes what it is sent, unless it is held. */
class TestSink implements Sink {
  isOpen = true;
  readonly received: unknown[] = [];
  batches: Batch[] = [];
  private held = false;
  private waiting: (() => void)[] = [];

  get isReady(): boolean {
    return !this.held;
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  async ready(): Promise<void> {
    while (this.held && this.isOpen) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  send(batch: Batch): void {
    this.batches.push(batch);
    for (const { json } of batch.results) this.received.push(JSON.parse(json));
  }

  async got(count: number): Promise<void> {
    while (this.received.length < count) await setImmediate();
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

function join(hub: LiveHub, log: Log, after = 0) {
  const sink = new TestSink();
  const membership = hub.subscribe({ key: "log", source: log.source(after), perform: log.perform }, sink);
  const ended = membership.next();
  ended.catch(() => {});
  return { sink, ended, leave: () => membership.return() };
}

describe("subscribers of a log", () => {
  test("are shown each item once, executed once for all of them, as the same batch", async () => {
    const [hub, log] = [new LiveHub(), new Log()];
    const joined = range(1, 50).map(() => join(hub, log));
    log.append(1);
    for (const { sink } of joined) await sink.got(1);
    const before = log.performed;
    log.append(4, true);
    for (const { ended } of joined) assert.deepEqual(await ended, { value: undefined, done: true });
    for (const { sink } of joined) assert.deepEqual(sink.received, range(1, 5));
    assert.equal(log.performed - before, 4);
    assert.ok(joined.every(({ sink }) => sink.batches.at(-1) === joined[0]!.sink.batches.at(-1)));
    assert.deepEqual([hub.size, log.opened], [0, 0]);
  });

  test("that come together read what is stored once", async () => {
    const [hub, log] = [new LiveHub(), new Log()];
    log.append(20);
    const joined = range(1, 50).map(() => join(hub, log));
    for (const { sink } of joined) await sink.got(20);
    assert.ok(log.pagesRead <= 6, `${log.pagesRead} pages were read`);
    log.append(1, true);
    await Promise.all(joined.map(({ ended }) => ended));
  });

  test("get the rest from where each stands", async () => {
    const [hub, log] = [new LiveHub(), new Log()];
    log.append(30);
    const joined = [0, 12, 29, 30].map((after) => ({ after, ...join(hub, log, after) }));
    for (const { after, sink } of joined) await sink.got(30 - after);
    log.append(2, true);
    for (const { after, sink, ended } of joined) {
      await ended;
      assert.deepEqual(sink.received, range(after + 1, 32));
    }
  });

  test("that are slow hold nobody up, keep nothing waiting, and miss nothing", async () => {
    const [hub, log] = [new LiveHub(), new Log()];
    const [slow, fast] = [join(hub, log), join(hub, log)];
    log.append(1);
    await slow.sink.got(1);
    await fast.sink.got(1);
    slow.sink.hold();
    log.append(3_000);
    await fast.sink.got(3_001);
    assert.equal(slow.sink.received.length, 1);
    slow.sink.release();
    log.append(1, true);
    await Promise.all([slow.ended, fast.ended]);
    assert.deepEqual(slow.sink.received, range(1, 3_002));
    assert.deepEqual(fast.sink.received, range(1, 3_002));
  });

  test("leave at any moment, and the last one ends the reader", async () => {
    for (const turns of range(0, 20)) {
      const [hub, log] = [new LiveHub(), new Log()];
      log.append(20);
      const { leave, ended, sink } = join(hub, log);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      await leave();
      await ended;
      const count = sink.received.length;
      log.append(5);
      for (let turn = 0; turn < 10; turn++) await setImmediate();
      assert.equal(sink.received.length, count, `after ${turns} turns`);
      assert.deepEqual([hub.size, log.opened], [0, 0], `after ${turns} turns`);
    }
  });

  test("hear of a reader that breaks", async () => {
    const [hub, log] = [new LiveHub(), new Log()];
    const source = { ...log.source(0), page: () => Promise.reject(new Error("gone")) };
    const membership = hub.subscribe({ key: "log", source, perform: log.perform }, new TestSink());
    await assert.rejects(membership.next(), /gone/);
    assert.equal(hub.size, 0);
  });

  test("get every item once and in order, whoever comes, goes, stalls and comes back", async () => {
    const actions = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 300 }) }),
        fc.record({ kind: fc.constant("join" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        fc.record({ kind: fc.constantFrom("hold", "release", "leave"), which: fc.nat(9) }),
        fc.record({ kind: fc.constant("turns" as const), count: fc.integer({ min: 1, max: 12 }) }),
      ),
      { minLength: 10, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(actions, async (generated) => {
        const [hub, log] = [new LiveHub(), new Log()];
        const joined: (ReturnType<typeof join> & { after: number })[] = [];
        const left: typeof joined = [];
        for (const action of generated) {
          const at = "which" in action ? action.which % Math.max(joined.length, 1) : 0;
          if (action.kind === "append") log.append(action.count as number);
          else if ("share" in action) {
            const after = Math.floor(action.share * log.items.length);
            joined.push({ after, ...join(hub, log, after) });
          } else if (action.kind === "turns") {
            for (let turn = 0; turn < (action.count as number); turn++) await setImmediate();
          } else if (action.kind === "hold") joined[at]?.sink.hold();
          else if (action.kind === "release") joined[at]?.sink.release();
          else
            for (const gone of joined.splice(at, 1)) {
              await gone.leave();
              left.push(gone);
            }
        }
        log.append(1, true);
        for (const { sink } of joined) sink.release();
        await Promise.all(joined.map(({ ended }) => ended));
        for (const { sink, after } of joined) assert.deepEqual(sink.received, range(after + 1, log.items.length));
        for (const { sink, after } of left) {
          assert.deepEqual(sink.received, range(after + 1, after + sink.received.length));
        }
        assert.deepEqual([hub.size, log.opened], [0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

/** A reader that gives what is put into it. */
function manual<T>() {
  const items: Positioned<T>[] = [];
  let isClosed = false;
  let wake = (): void => {};
  let refreshes = 0;
  const generator = (async function* () {
    while (!isClosed) {
      if (items.length > 0) yield items.splice(0);
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  })();
  const reader: LiveReader<T> = {
    next: () => generator.next(),
    return: async () => {
      isClosed = true;
      wake();
      return generator.return() as Promise<IteratorReturnResult<undefined>>;
    },
    refresh: () => {
      refreshes += 1;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const put = (position: number, value: T): void => {
    items.push({ position, value });
    wake();
  };
  const end = (): void => {
    isClosed = true;
    wake();
  };
  return { reader, put, end, refreshes: () => refreshes };
}

const asJson = async (value: unknown): Promise<string> => JSON.stringify(value);

test("of a state a slow subscriber gets the newest, and one that comes later asks for it again", async () => {
  const hub = new LiveHub();
  const { reader, put, end, refreshes } = manual<string>();
  const source: LiveState<string> = {
    kind: "state",
    topic: "s",
    open: () => reader,
    async *[Symbol.asyncIterator]() {},
  };
  const enter = () => {
    const sink = new TestSink();
    return { sink, ended: hub.subscribe({ key: "s", source, perform: asJson }, sink).next() };
  };
  const [slow, fast] = [enter(), enter()];
  put(1, "a");
  await slow.sink.got(1);
  slow.sink.hold();
  for (const [position, value] of [
    [2, "b"],
    [3, "c"],
    [4, "d"],
  ] as const) {
    put(position, value);
    await fast.sink.got(position);
  }
  assert.deepEqual(slow.sink.received, ["a"]);
  slow.sink.release();
  await slow.sink.got(2);
  assert.deepEqual(slow.sink.received, ["a", "d"]);
  const late = enter();
  while (refreshes() === 0) await setImmediate();
  put(4, "d");
  await late.sink.got(1);
  assert.deepEqual([late.sink.received, fast.sink.received], [["d"], ["a", "b", "c", "d"]], "once for each");
  slow.sink.hold();
  put(5, "e");
  await late.sink.got(2);
  slow.sink.release();
  await slow.sink.got(3);
  end();
  await Promise.all([slow, fast, late].map(({ ended }) => ended));
  assert.equal(slow.sink.received.at(-1), "e");
});

test("of a feed a slow subscriber is told what it missed, unless that is still there", async () => {
  const hub = new LiveHub();
  const { reader, put } = manual<number | string>();
  const source: LiveFeed<number | string> = {
    kind: "feed",
    topic: "f",
    open: () => reader,
    missed: () => "missed",
    async *[Symbol.asyncIterator]() {},
  };
  const enter = () => {
    const sink = new TestSink();
    const membership = hub.subscribe({ key: "f", source, perform: asJson }, sink);
    void membership.next();
    return { sink, leave: () => membership.return() };
  };
  const [slow, fast] = [enter(), enter()];
  put(1, "begin");
  await slow.sink.got(1);
  await fast.sink.got(1);
  slow.sink.hold();
  for (let position = 2; position <= 20; position++) put(position, position);
  await fast.sink.got(20);
  slow.sink.release();
  await slow.sink.got(20);
  assert.deepEqual(slow.sink.received, fast.sink.received);
  const late = enter();
  await late.sink.got(1);
  assert.deepEqual(late.sink.received, ["missed"], "nothing from before");
  slow.sink.hold();
  for (let position = 21; position <= 1_000; position++) {
    put(position, position);
    if (position % 10 === 0) await fast.sink.got(position);
  }
  slow.sink.release();
  await slow.sink.got(21);
  put(1_001, 1_001);
  await slow.sink.got(22);
  assert.deepEqual(slow.sink.received.slice(20), ["missed", 1_001]);
  for (const { leave } of [slow, fast, late]) await leave();
  assert.equal(hub.size, 0);
});
