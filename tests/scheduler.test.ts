import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ScheduleEntity } from "../engine/store/entities/schedule.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { LONG, ScheduleBench } from "./support/schedule.ts";

const DAY = "2030-01-01";
const at = (time: string): string => `${DAY}T${time}:00.000Z`;

let engine: TestEngine;
let bench: ScheduleBench;
let names = 0;

before(async () => {
  engine = await testEngine();
});
after(() => engine.close());

/** Each test begins without schedules, at 10:00 on 1 January 2030. */
async function withBench(run: (bench: ScheduleBench) => Promise<void>): Promise<void> {
  bench = await ScheduleBench.open(engine, at("10:00"));
  try {
    await bench.database.em().nativeDelete(ScheduleEntity, {});
    await run(bench);
  } finally {
    await bench.close();
  }
}
const workflow = (...rest: Parameters<ScheduleBench["workflow"]> extends [string, ...infer R] ? R : never) =>
  bench.workflow(`scheduled ${++names}`, ...rest);

describe("a scheduler", () => {
  test("starts an execution at each nominal time, with the documented trigger", () =>
    withBench(async ({ clock }) => {
      const id = await workflow();
      const schedule = await bench.schedule(id, "*/15 * * * *", { trigger_data: { region: "eu" } });
      const { scheduler } = await bench.scheduler();
      await scheduler.start();
      await clock.moveTo(at("10:14"));
      assert.deepEqual(await bench.fired(id), []);
      await clock.moveTo(at("10:31"));
      const executions = await bench.executions(id);
      assert.deepEqual(
        executions.map(({ triggerType, triggerData }) => [triggerType, triggerData]),
        ["10:15", "10:30"].map((time) => [
          "scheduled",
          { region: "eu", scheduled_time: at(time), cron_schedule: "*/15 * * * *" },
        ]),
      );
      const row = await bench.read(schedule.id);
      assert.deepEqual([row.lastAt, row.nextAt, row.lastError], [new Date(at("10:30")), new Date(at("10:45")), null]);
    }));

  test("asks Postgres nothing while nothing is due, and hears of a schedule that is made meanwhile", () =>
    withBench(async ({ clock }) => {
      const id = await workflow();
      const { scheduler, queries } = await bench.scheduler();
      await clock.moveTo(`${DAY}T10:00:30.000Z`);
      await scheduler.start();
      const sent = queries();
      await bench.schedule(id, "0 12 * * *");
      await clock.moveTo(`${DAY}T10:00:40.000Z`);
      // The look at the index that a lost hint is caught by.
      assert.deepEqual(clock.armed, [`${DAY}T10:01:30.000Z`]);
      await bench.schedule(id, "* * * * *");
      assert.deepEqual(clock.armed, [at("10:01")]);
      assert.equal(queries(), sent);
    }));

  test("two of them on one database fire each of many schedules once a nominal time", () =>
    withBench(async ({ clock }) => {
      const ids = await Promise.all(Array.from({ length: 3 }, () => workflow()));
      for (let i = 0; i < 120; i++) await bench.schedule(ids[i % 3]!, "* * * * *");
      const schedulers = await Promise.all([bench.scheduler(), bench.scheduler()]);
      await Promise.all(schedulers.map(({ scheduler }) => scheduler.start()));
      await clock.moveTo(at("10:05"));
      const started = (await Promise.all(ids.map((id) => bench.executions(id)))).flat();
      assert.equal(started.length, 120 * 5);
      assert.equal(new Set(started.map((row) => row.idempotencyKey)).size, 120 * 5);
      assert.deepEqual(bench.logged, []);
    }));

  for (const moment of ["before", "after"] as const) {
    test(`another fires the time of one that is killed ${moment} the execution is stored, once`, () =>
      withBench(async ({ clock }) => {
        const id = await workflow();
        const schedule = await bench.schedule(id, "* * * * *");
        const reached = Promise.withResolvers<void>();
        const hang = Promise.withResolvers<void>();
        const dying = await bench.scheduler({
          start: async (request) => {
            const execution = moment === "after" ? await engine.engine.executions.start(request) : null;
            reached.resolve();
            await hang.promise;
            return execution ?? engine.engine.executions.start(request);
          },
        });
        await dying.scheduler.start();
        const moved = clock.moveTo(at("10:01"));
        await reached.promise;
        // The other one finds the row in the first one's hands.
        const other = await bench.scheduler();
        await other.scheduler.start();
        assert.equal((await bench.executions(id)).length, moment === "after" ? 1 : 0);
        assert.deepEqual((await bench.read(schedule.id)).nextAt, new Date(at("10:01")));
        await dying.kill();
        await clock.moveTo(`${DAY}T10:01:01.000Z`);
        assert.deepEqual((await bench.read(schedule.id)).nextAt, new Date(at("10:02")));
        // The dead one comes back to life: what it still does changes nothing.
        hang.resolve();
        await moved;
        await dying.scheduler.stop();
        assert.deepEqual(await bench.fired(id), [at("10:01")]);
        const row = await bench.read(schedule.id);
        assert.deepEqual([row.lastAt, row.nextAt], [new Date(at("10:01")), new Date(at("10:02"))]);
      }));
  }

  test("a schedule that cannot be fired now holds up no other, and is tried again", () =>
    withBench(async ({ clock }) => {
      const [bad, good] = [await workflow(), await workflow()];
      await bench.schedule(bad, "* * * * *");
      await bench.schedule(good, "* * * * *");
      let faults = 2;
      const { scheduler } = await bench.scheduler({
        start: (request) => {
          if (request.workflowId === bad && faults-- > 0) return Promise.reject(new Error("no connection"));
          return engine.engine.executions.start(request);
        },
      });
      await scheduler.start();
      await clock.moveTo(at("10:01"));
      assert.deepEqual(await bench.fired(good), [at("10:01")]);
      assert.deepEqual(await bench.fired(bad), []);
      await clock.moveTo(`${DAY}T10:01:20.000Z`);
      assert.deepEqual(await bench.fired(bad), [at("10:01")]);
      assert.equal(bench.logged.length, 2);
    }));

  test("a workflow that cannot be executed: the time is recorded as left out, and the schedule goes on", () =>
    withBench(async ({ clock }) => {
      const id = await workflow(undefined, { is_enabled: false });
      const schedule = await bench.schedule(id, "* * * * *");
      const { scheduler } = await bench.scheduler();
      await scheduler.start();
      await clock.moveTo(at("10:01"));
      const row = await bench.read(schedule.id);
      assert.match(row.lastError!, /^2030-01-01T10:01:00.000Z was left out: Workflow cannot be executed/);
      assert.deepEqual([row.lastAt, row.nextAt], [null, new Date(at("10:02"))]);
      assert.deepEqual(await bench.fired(id), []);
    }));

  test("a paused schedule fires nothing and makes up for nothing when it is resumed", () =>
    withBench(async ({ clock }) => {
      const id = await workflow();
      const schedule = await bench.schedule(id, "* * * * *", { policies: { missed: "all" } });
      const { scheduler } = await bench.scheduler();
      await scheduler.start();
      await bench.schedules.pause(TENANT, schedule.id);
      await clock.moveTo(at("10:05"));
      await bench.schedules.resume(TENANT, schedule.id);
      await clock.moveTo(at("10:06"));
      assert.deepEqual(await bench.fired(id), [at("10:06")]);
    }));
});

describe("after downtime", () => {
  const cases = [
    { policies: { missed: "skip" }, down: "10:47:30", fired: [], leftOut: "10:45" },
    { policies: { missed: "skip" }, down: "10:45:30", fired: ["10:45"], leftOut: null },
    { policies: { missed: "latest" }, down: "10:47:30", fired: ["10:45"], leftOut: null },
    { policies: {}, down: "10:47:30", fired: ["10:45"], leftOut: null },
    { policies: { missed: "all" }, down: "10:47:30", fired: ["10:15", "10:30", "10:45"], leftOut: null },
    { policies: { missed: "all", missed_max: 2 }, down: "10:47:30", fired: ["10:30", "10:45"], leftOut: null },
  ];
  for (const { policies, down, fired, leftOut } of cases) {
    test(`${JSON.stringify(policies)} at ${down} fires ${fired.join(", ") || "nothing"}, once, and goes on`, () =>
      withBench(async ({ clock }) => {
        const id = await workflow([LONG]);
        const schedule = await bench.schedule(id, "*/15 * * * *", { policies });
        clock.jumpTo(`${DAY}T${down}.000Z`);
        const schedulers = await Promise.all([bench.scheduler(), bench.scheduler()]);
        await Promise.all(schedulers.map(({ scheduler }) => scheduler.start()));
        assert.deepEqual(await bench.fired(id), fired.map(at));
        const row = await bench.read(schedule.id);
        assert.deepEqual(row.nextAt, new Date(at("11:00")));
        assert.equal(row.lastError, leftOut && `${at(leftOut)} was missed: no scheduler ran then`);
      }));
  }

  test("a year of missed minutes costs no more than the last of them", () =>
    withBench(async ({ clock }) => {
      const id = await workflow();
      await bench.schedule(id, "* * * * *");
      clock.jumpTo("2031-01-01T00:00:30.000Z");
      const { scheduler } = await bench.scheduler();
      await scheduler.start();
      assert.deepEqual(await bench.fired(id), ["2031-01-01T00:00:00.000Z"]);
    }));
});

describe("when the last execution is not over", () => {
  const cancel = (id: number) =>
    engine.engine.executions.cancel(TENANT, id, { compensate: false, reason: "the test is done with it" });

  test("skip leaves the time out and says so; after its end the schedule goes on", () =>
    withBench(async ({ clock }) => {
      const id = await workflow([LONG]);
      const schedule = await bench.schedule(id, "* * * * *");
      const { scheduler } = await bench.scheduler();
      await scheduler.start();
      await clock.moveTo(at("10:02"));
      const [first] = await bench.executions(id);
      const row = await bench.read(schedule.id);
      assert.equal(row.lastError, `${at("10:02")} was left out: execution ${first!.id} is not over`);
      assert.deepEqual(row.lastAt, new Date(at("10:01")));
      await cancel(first!.id);
      await clock.moveTo(at("10:03"));
      assert.deepEqual(await bench.fired(id), [at("10:01"), at("10:03")]);
      assert.equal((await bench.read(schedule.id)).lastError, null);
    }));

  test("queue keeps one time waiting and starts it as soon as the execution ends", () =>
    withBench(async ({ clock }) => {
      const id = await workflow([LONG]);
      const schedule = await bench.schedule(id, "* * * * *", { policies: { overlap: "queue" } });
      const started = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let starts = 0;
      const { scheduler } = await bench.scheduler({
        start: async (request) => {
          const execution = await engine.engine.executions.start(request);
          started[starts++]?.resolve();
          return execution;
        },
      });
      await scheduler.start();
      await clock.moveTo(at("10:03"));
      const row = await bench.read(schedule.id);
      assert.deepEqual(row.queuedAt, new Date(at("10:02")));
      assert.match(row.lastError!, /10:03:00.000Z was left out: execution \d+ is not over, and another time waits/);
      const [first] = await bench.executions(id);
      await cancel(first!.id);
      // No timer runs: the scheduler hears of the end.
      await started[1]!.promise;
      await scheduler.stop();
      assert.deepEqual(await bench.fired(id), [at("10:01"), at("10:02")]);
      assert.equal((await bench.read(schedule.id)).queuedAt, null);
    }));

  test("a queued time whose scheduler died is started by the next one, also when the end was missed", () =>
    withBench(async ({ clock }) => {
      const id = await workflow([LONG]);
      await bench.schedule(id, "* * * * *", { policies: { overlap: "queue" } });
      const first = await bench.scheduler();
      await first.scheduler.start();
      await clock.moveTo(at("10:02"));
      await first.scheduler.stop();
      await cancel((await bench.executions(id))[0]!.id);
      const second = await bench.scheduler();
      await second.scheduler.start();
      assert.deepEqual(await bench.fired(id), [at("10:01"), at("10:02")]);
    }));

  test("cancel ends the execution and starts the next", () =>
    withBench(async ({ clock }) => {
      const id = await workflow([LONG]);
      await bench.schedule(id, "* * * * *", { policies: { overlap: "cancel" } });
      const { scheduler } = await bench.scheduler();
      await scheduler.start();
      await clock.moveTo(at("10:03"));
      const executions = await bench.executions(id);
      assert.deepEqual(await bench.fired(id), ["10:01", "10:02", "10:03"].map(at));
      assert.deepEqual(
        executions.map((row) => row.status),
        ["cancelled", "cancelled", "waiting"],
      );
    }));
});
