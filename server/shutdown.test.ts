import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { createLogger } from "./config/index.ts";
import { installShutdown } from "./shutdown.ts";

class FakeProcess extends EventEmitter {
  exit(code: number): void {
    this.emit("exited", code);
  }
}

function setUp() {
  const host = new FakeProcess();
  const exited = once(host, "exited").then(([code]) => code as number);
  return { host, exited, shutdown: installShutdown(createLogger("silent"), host) };
}

test("a signal closes the last registered first, one after another, and exits 0", async () => {
  const { host, exited, shutdown } = setUp();
  const order: string[] = [];
  for (const name of ["database", "engine", "http"]) {
    shutdown.register(name, 1000, async () => {
      order.push(`${name} closing`);
      await new Promise(setImmediate);
      order.push(`${name} closed`);
    });
  }
  host.emit("SIGTERM");
  assert.equal(await exited, 0);
  assert.deepEqual(
    order,
    ["http", "engine", "database"].flatMap((name) => [`${name} closing`, `${name} closed`]),
  );
});

test("a closer that hangs or fails does not keep the others from closing, and the exit code tells", async () => {
  const { host, exited, shutdown } = setUp();
  const closed: string[] = [];
  shutdown.register("database", 1000, async () => void closed.push("database"));
  shutdown.register("failing", 1000, () => Promise.reject(new Error("no")));
  shutdown.register("hanging", 10, () => new Promise(() => {}));
  host.emit("SIGINT");
  assert.equal(await exited, 1);
  assert.deepEqual(closed, ["database"]);
});

test("a fault closes everything and exits 1", async () => {
  const { host, exited, shutdown } = setUp();
  const closed: string[] = [];
  shutdown.register("http", 1000, async () => void closed.push("http"));
  host.emit("unhandledRejection", new Error("forgotten"));
  assert.equal(await exited, 1);
  assert.deepEqual(closed, ["http"]);
});

test("a fault is over within two seconds, whatever hangs, and what must not stay behind is told", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { host, exited, shutdown } = setUp();
  const stopNow = t.mock.fn();
  shutdown.onAbandon(stopNow);
  for (const name of ["engine", "http"]) shutdown.register(name, 8_000, () => new Promise(() => {}));
  host.emit("uncaughtException", new Error("a bug"));
  t.mock.timers.tick(2_000);
  assert.equal(await exited, 1);
  assert.equal(stopNow.mock.callCount(), 1);
});

test("a second signal abandons the rest at once with 130, but still stops what must not stay behind", async (t) => {
  const { host, exited, shutdown } = setUp();
  const stopNow = t.mock.fn();
  shutdown.onAbandon(stopNow);
  const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
  shutdown.register("hanging", 60_000, () => hanging);
  const clock = t.mock.method(performance, "now", () => 1000);
  host.emit("SIGINT");
  host.emit("SIGINT");
  assert.equal(stopNow.mock.callCount(), 0, "npm's copy of the same signal is not a second one");
  clock.mock.mockImplementation(() => 1600);
  host.emit("SIGINT");
  assert.equal(await exited, 130);
  assert.equal(stopNow.mock.callCount(), 1);
  release();
});
