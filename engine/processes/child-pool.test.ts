import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import type { Task } from "../../tests/support/task.worker.ts";
import { ChildPool, type ChildPoolOptions } from "./child-pool.ts";

const program = new URL("../../tests/support/task.worker.js", import.meta.url);

function openPool(options: Partial<ChildPoolOptions> = {}) {
  const pool = new ChildPool<Task, unknown>({
    program,
    processes: 2,
    maxHeapMiB: 64,
    maxMemoryMiB: 250,
    idleMs: 60_000,
    ...options,
  });
  return {
    pool,
    run: (request: Task, owner = "a", timeLimitMs = 100_000, signal?: AbortSignal) =>
      pool.run({ request, owner, timeLimitMs, signal }),
    [Symbol.asyncDispose]: () => pool.close(new Error("closed")),
  };
}

describe("a pool of child processes", () => {
  it("answers, and keeps its child for the next job", async () => {
    await using at = openPool({ processes: 1 });
    const pid = await at.run({ do: "pid" });
    assert.notEqual(pid, process.pid);
    assert.equal(await at.run({ do: "pid" }), pid);
  });

  const ends: readonly (readonly [string, Task, string])[] = [
    ["its heap is full", { do: "heap" }, "memory"],
    ["its buffers are too many", { do: "buffers" }, "memory"],
    ["one allocation is beyond all bounds", { do: "array" }, "memory"],
    ["it ends itself", { do: "exit" }, "ended"],
    ["native code faults", { do: "fault" }, "ended"],
    ["it never ends", { do: "loop" }, "time"],
  ];
  for (const [why, task, reason] of ends) {
    it(`fails the job alone whose process ends: ${why}`, async () => {
      await using at = openPool();
      const other = at.run({ do: "wait", ms: 50 }, "b");
      await assert.rejects(at.run(task, "a", reason === "time" ? 300 : 100_000), { name: "ChildEnded", reason });
      await other;
      assert.equal(typeof (await at.run({ do: "pid" })), "number");
    });
  }

  it("tells what a job has thrown, and goes on in the same child", async () => {
    await using at = openPool({ processes: 1 });
    const pid = await at.run({ do: "pid" });
    await assert.rejects(at.run({ do: "throw" }), { message: "thrown" });
    assert.equal(await at.run({ do: "pid" }), pid);
  });

  it("takes owners in turns", async () => {
    await using at = openPool({ processes: 1 });
    const order: string[] = [];
    const note = (owner: string) => at.run({ do: "pid" }, owner).then(() => order.push(owner));
    await Promise.all([note("a"), note("a"), note("a"), note("b"), note("c")]);
    assert.deepEqual(order, ["a", "b", "c", "a", "a"]);
  });

  it("keeps a process for the others", async () => {
    await using at = openPool({ perOwner: 1 });
    const loops = [1, 2, 3].map(() => assert.rejects(at.run({ do: "loop" }), { message: "closed" }));
    assert.equal(typeof (await at.run({ do: "pid" }, "b")), "number");
    await at.pool.close(new Error("closed"));
    await Promise.all(loops);
  });

  it("refuses more of one owner than may wait", async () => {
    await using at = openPool({ processes: 1, maxWaiting: 1 });
    const first = at.run({ do: "pid" });
    await assert.rejects(at.run({ do: "pid" }), { reason: "full" });
    assert.equal(typeof (await at.run({ do: "pid" }, "b")), "number");
    await first;
  });

  it("ends a job that its caller gives up, running or waiting", async () => {
    await using at = openPool({ processes: 1 });
    const controller = new AbortController();
    const started = await at.run({ do: "pid" });
    const tasks: readonly Task[] = [{ do: "loop" }, { do: "pid" }];
    const both = tasks.map((task) =>
      assert.rejects(at.run(task, "a", 100_000, controller.signal), { message: "given up" }),
    );
    controller.abort(new Error("given up"));
    await Promise.all(both);
    assert.notEqual(await at.run({ do: "pid" }), started);
  });

  it("ends children that have had no work for a while", async () => {
    await using at = openPool({ idleMs: 1 });
    const pid = (await at.run({ do: "pid" })) as number;
    while (at.pool.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  it("says so when no child can be started", async () => {
    await using at = openPool({ program: new URL("./missing.js", import.meta.url) });
    await assert.rejects(at.run({ do: "pid" }), { reason: "unstartable" });
  });

  it("leaves no child behind when its process is killed, though it is in an endless loop", async () => {
    const parent = fork(new URL("../../tests/support/pool-child.js", import.meta.url));
    const [pid] = (await once(parent, "message")) as [number];
    parent.kill("SIGKILL");
    const isAlive = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
