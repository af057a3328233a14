import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, mock, test } from "node:test";
import { Redis } from "ioredis";
import { busContract } from "../../tests/support/contracts/bus.ts";
import {
  anyRedis,
  skipWithoutRedis,
  skipWithoutRedisServer,
  type TestRedis,
  testRedis,
} from "../../tests/support/redis.ts";
import type { Bus } from "./bus.ts";
import { RedisBus } from "./redis-bus.ts";

const key = randomBytes(32);
const open = (redisUrl: string, namespace: string = randomUUID()): Promise<RedisBus> =>
  RedisBus.open({ redisUrl, namespace, key, isMessage: () => true, log: () => {} });

/** Listens, and tells when what is asked for has come. */
async function listen(bus: Bus, channel: string) {
  const heard: unknown[] = [];
  let gaps = 0;
  let next = Promise.withResolvers<void>();
  const wake = (): void => {
    next.resolve();
    next = Promise.withResolvers();
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await next.promise;
  };
  const subscription = await bus.subscribe(
    channel,
    (message) => {
      heard.push(message);
      wake();
    },
    () => {
      gaps += 1;
      wake();
    },
  );
  return {
    heard,
    ...subscription,
    get gaps() {
      return gaps;
    },
    message: (wanted: unknown) => until(() => heard.includes(wanted)),
    gap: (count = 1) => until(() => gaps >= count),
  };
}

/** Its INFO may meet a connection that listens already, which then begins anew and hears nothing meanwhile. */
const listening = { enableReadyCheck: false };

/** Publishes until it is heard: what a slow Redis does not take in time is dropped, and told of as a gap. */
async function tell(bus: Bus, channel: string, message: string, listener: Awaited<ReturnType<typeof listen>>) {
  while (!listener.heard.includes(message)) {
    const { gaps } = listener;
    bus.publish(channel, message);
    await Promise.race([listener.message(message), listener.gap(gaps + 1)]);
  }
}

describe("Redis", { skip: skipWithoutRedis }, () => {
  let redis: Pick<TestRedis, "url" | "close">;
  before(async () => {
    redis = await anyRedis();
  });
  after(() => redis.close());

  busContract("the Redis", () => open(redis.url));

  test("a bus brings what another process publishes, and nothing of another database", async () => {
    const [here, there, elsewhere] = [
      await open(redis.url, "1"),
      await open(redis.url, "1"),
      await open(redis.url, "2"),
    ];
    try {
      const listener = await listen(here, "a");
      elsewhere.publish("a", "foreign");
      await (await listen(elsewhere, "a")).gap(0);
      for (let n = 0; n < 5_000; n++) there.publish("a", n);
      await listener.message(4_999);
      assert.deepEqual(
        listener.heard,
        Array.from({ length: 5_000 }, (_, n) => n),
      );
    } finally {
      await Promise.all([here.close(), there.close(), elsewhere.close()]);
    }
  });

  test("a thousand channels keep apart", async () => {
    const bus = await open(redis.url);
    try {
      const listeners = await Promise.all(Array.from({ length: 1_000 }, (_, n) => listen(bus, `channel:${n}`)));
      listeners.forEach((_, n) => {
        bus.publish(`channel:${n}`, n);
      });
      await Promise.all(listeners.map((listener, n) => listener.message(n)));
      assert.ok(listeners.every((listener, n) => listener.heard.length === 1 && listener.heard[0] === n));
    } finally {
      await bus.close();
    }
  });

  test("listeners of one channel share one subscription at the broker, and the last one ends it", async () => {
    const bus = await open(redis.url, "shared");
    const admin = new Redis(redis.url);
    const subscribers = async (): Promise<unknown> => (await admin.pubsub("NUMSUB", "stepwire:shared:a"))[1];
    try {
      const three = await Promise.all([listen(bus, "a"), listen(bus, "a"), listen(bus, "a")]);
      assert.equal(await subscribers(), 1);
      assert.equal(((await admin.pubsub("CHANNELS", "stepwire:shared:*")) as unknown[]).length, 2, "a, and the gaps");
      three[0].unsubscribe();
      three[1].unsubscribe();
      bus.publish("a", "still");
      await three[2].message("still");
      three[2].unsubscribe();
      // Answered in order: when this one is acknowledged, so is the end of the other.
      await listen(bus, "b");
      assert.equal(await subscribers(), 0);
      const again = await listen(bus, "a");
      bus.publish("a", "again");
      await again.message("again");
    } finally {
      admin.disconnect();
      await bus.close();
    }
  });

  test("what others publish on our channels goes no further than the bus: no listener, no gap, a count and one line", async () => {
    const told: string[] = [];
    const bus = await RedisBus.open({
      redisUrl: redis.url,
      namespace: "forged",
      key,
      isMessage: (_channel, message) => message !== "another form",
      log: (_level, message) => void told.push(message),
    });
    const admin = new Redis(redis.url);
    try {
      const listener = await listen(bus, "a");
      const forged = [
        '[{"executionId":1,"seq":1,"type":"execution.completed","stepId":null,"data":{"forged":true},"at":0}]',
        "[]",
        "null",
        "not JSON",
        "x".repeat(100_000),
      ];
      for (const text of forged) {
        await admin.publish("stepwire:forged:a", text);
        await admin.publish("stepwire:forged:gap", text);
      }
      bus.publish("a", "another form");
      bus.publish("a", "genuine");
      await listener.message("genuine");
      assert.deepEqual(listener.heard, ["genuine"]);
      assert.equal(listener.gaps, 0);
      assert.equal(bus.refused, forged.length * 2 + 1);
      assert.equal(told.filter((line) => line.includes("refused")).length, 1);
    } finally {
      admin.disconnect();
      await bus.close();
    }
  });

  test("a message that is told again by others is not heard again", async () => {
    const [bus, admin, ear] = [await open(redis.url, "again"), new Redis(redis.url), new Redis(redis.url, listening)];
    try {
      const listener = await listen(bus, "a");
      const overheard = new Promise<string>((resolve) => ear.once("message", (_channel, text) => resolve(text)));
      await ear.subscribe("stepwire:again:a");
      await tell(bus, "a", "once", listener);
      const before = listener.heard.length;
      await admin.publish("stepwire:again:a", await overheard);
      await tell(bus, "a", "then", listener);
      assert.deepEqual(new Set(listener.heard.slice(before)), new Set(["then"]));
      assert.equal(bus.refused, 1);
    } finally {
      admin.disconnect();
      ear.disconnect();
      await bus.close();
    }
  });

  test("a bus that is closed with subscriptions under way ends cleanly", async () => {
    const bus = await open(redis.url);
    const pending = Promise.all([listen(bus, "a"), listen(bus, "b")]);
    await bus.close();
    await pending;
  });

  test("a channel that the broker refuses does no harm to the others", { skip: skipWithoutRedisServer }, async () => {
    const admin = new Redis(redis.url);
    await admin.call("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "+@all", "resetchannels", "&stepwire:n:a");
    const bus = await open(redis.url.replace("//", "//narrow:secret@"), "n");
    try {
      const allowed = await listen(bus, "a");
      const refused = await listen(bus, "b");
      bus.publish("b", "refused");
      bus.publish("a", "allowed");
      await allowed.message("allowed");
      await refused.gap();
      assert.equal(bus.dropped > 0, true);
    } finally {
      admin.disconnect();
      await bus.close();
    }
  });
});

describe("a Redis that goes away", { skip: skipWithoutRedisServer, timeout: 120_000 }, () => {
  let redis: TestRedis;
  let bus: RedisBus;
  beforeEach(async () => {
    redis = await testRedis();
    bus = await open(redis.url);
  });
  afterEach(async () => {
    await bus.close();
    await redis.close();
  });

  test("and comes back: each listener hears of a gap, then again of every message", async () => {
    const listeners = [await listen(bus, "a"), await listen(bus, "a"), await listen(bus, "b")];
    for (let round = 1; round <= 3; round++) {
      await redis.kill();
      await redis.start();
      const gaps = listeners.map((listener) => listener.gaps);
      await Promise.all(listeners.map((listener, i) => listener.gap(gaps[i]! + 1)));
      await arrives(bus, listeners, `round ${round}`);
    }
  });

  test("takes nothing that is published meanwhile: no error, no wait, a count", async () => {
    const listener = await listen(bus, "a");
    await redis.kill();
    for (let n = 0; n < 100_000; n++) bus.publish("a", { n });
    // Those that were under way when the connection broke are counted as they fail.
    while (bus.dropped < 100_000) await new Promise((resolve) => setImmediate(resolve));
    await redis.start();
    await listener.gap();
    await arrives(bus, [listener], "after");
  });

  test("loses only a publisher: readers elsewhere, whose connections held, are told of the gap", async () => {
    const [reader, writer] = [await open(redis.url, "n"), await open(redis.url, "n")];
    const admin = new Redis(redis.url);
    try {
      const listener = await listen(reader, "a");
      const clients = String(await admin.client("LIST")).split("\n");
      for (const client of clients.filter((line) => line.includes("name=stepwire-publisher"))) {
        await admin.client("KILL", "ID", Number(/id=(\d+)/.exec(client)![1]));
      }
      while (writer.dropped === 0) {
        writer.publish("a", 1);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(listener.gaps, 0);
      await listener.gap();
      await arrives(writer, [listener], "after");
    } finally {
      admin.disconnect();
      await Promise.all([reader.close(), writer.close()]);
    }
  });

  test("does not hold back who publishes when it hangs; what it cannot take is dropped, then told", async () => {
    const listener = await listen(bus, "a");
    redis.pause();
    const text = "x".repeat(1_000_000);
    for (let n = 0; n < 20; n++) bus.publish("a", { n, text });
    assert.equal(bus.dropped, 4);
    redis.resume();
    await listener.gap();
    await arrives(bus, [listener], "after");
  });

  test("a subscription resolves when the broker answers, not before", async () => {
    redis.pause();
    let resolved = false;
    const pending = listen(bus, "a").finally(() => {
      resolved = true;
    });
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(resolved, false);
    redis.resume();
    const listener = await pending;
    assert.equal(listener.gaps, 0);
    await arrives(bus, [listener], "first");
  });

  test("a subscription made meanwhile resolves without it, and hears of a gap when it is alive", async () => {
    await redis.kill();
    const [listener, gone] = await Promise.all([listen(bus, "a"), listen(bus, "b")]);
    gone.unsubscribe();
    const before = listener.gaps;
    await redis.start();
    await listener.gap(before + 1);
    await arrives(bus, [listener], "after");
  });

  test("a bus opens without it, and works once it is there", async () => {
    await redis.kill();
    const early = await open(redis.url);
    try {
      early.publish("a", "lost");
      const listener = await listen(early, "a");
      await redis.start();
      await listener.gap();
      await arrives(early, [listener], "after");
    } finally {
      await early.close();
    }
  });

  test("costs a start two seconds once: no subscription after that waits", async () => {
    await redis.kill();
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const opening = open(redis.url);
      mock.timers.tick(2_000);
      const early = await opening;
      // No time passes, and each of them resolves.
      for (let n = 0; n < 12; n++) await early.subscribe(`channel:${n}`, () => {});
      mock.timers.reset();
      await early.close();
    } finally {
      mock.timers.reset();
    }
  });

  test("hangs, and holds up the first subscription alone", async () => {
    redis.pause();
    await bus.subscribe("first", () => {});
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      for (let n = 0; n < 12; n++) await bus.subscribe(`channel:${n}`, () => {});
    } finally {
      mock.timers.reset();
      redis.resume();
    }
  });

  test("hangs for good: the connection is given up, another one is made, and listeners hear of a gap", async () => {
    mock.timers.enable({ apis: ["setInterval"] });
    const watched = await open(redis.url);
    try {
      const listener = await listen(watched, "a");
      redis.pause();
      mock.timers.tick(5_000);
      mock.timers.tick(5_000);
      // Not while the old connection could still be answered.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      redis.resume();
      await listener.gap();
    } finally {
      mock.timers.reset();
      await watched.close();
    }
  });
});

describe("a publisher that dies between its commit and its publish", {
  skip: skipWithoutRedisServer,
  timeout: 120_000,
}, () => {
  test("is found out: who hears nothing for half a minute is told of a gap, and keeps its connection", async (t) => {
    const redis = await testRedis();
    mock.timers.enable({ apis: ["setInterval"] });
    const bus = await open(redis.url);
    const pings: Promise<unknown>[] = [];
    const ping = Redis.prototype.ping as (this: Redis) => Promise<string>;
    t.mock.method(Redis.prototype, "ping", function (this: Redis) {
      const answer = ping.call(this);
      pings.push(answer);
      return answer;
    });
    try {
      const [quiet, busy] = [await listen(bus, "quiet"), await listen(bus, "busy")];
      for (let step = 1; step <= 6; step++) {
        assert.equal(quiet.gaps, 0);
        mock.timers.tick(5_000);
        bus.publish("busy", step);
        await busy.message(step);
        await Promise.all(pings.splice(0));
      }
      assert.deepEqual([quiet.gaps, busy.gaps], [1, 0]);
    } finally {
      mock.timers.reset();
      await bus.close();
      await redis.close();
    }
  });
});

/** The publisher comes back on a connection of its own: publishes until it has, which is when the message arrives. */
async function arrives(bus: Bus, listeners: readonly Awaited<ReturnType<typeof listen>>[], text: string) {
  const timer = setInterval(() => {
    for (const channel of ["a", "b"]) bus.publish(channel, text);
  }, 20);
  await Promise.all(listeners.map((listener) => listener.message(text)));
  clearInterval(timer);
}
