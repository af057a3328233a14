import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../engine/model/json.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { ScheduleEntity } from "../engine/store/entities/schedule.ts";
import { WorkflowEntity, type WorkflowRow } from "../engine/store/entities/workflow.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { ScheduleBench } from "./support/schedule.ts";
import { firstOf } from "./support/window.ts";

const OTHER = tenantNamed("other");

const at = (time: string): Date => new Date(`2030-01-01T${time}:00.000Z`);

let engine: TestEngine;
let bench: ScheduleBench;
let workflowId: number;
let names = 0;

before(async () => {
  engine = await testEngine();
  bench = await ScheduleBench.open(engine, "2030-01-01T10:00:00.000Z");
  workflowId = await bench.workflow("scheduled");
});
after(async () => {
  await bench.close();
  await engine.close();
});

describe("the schedule service", () => {
  test("stores a schedule with its defaults and its next time", async () => {
    const { id } = await bench.schedule(workflowId, "0 9 * * *", { timezone: "Europe/London" });
    const row = await bench.read(id);
    assert.deepEqual(
      { ...row },
      {
        id,
        tenantId: TENANT,
        workflowId,
        name: "0 9 * * *",
        cron: "0 9 * * *",
        timezone: "Europe/London",
        policies: { dst_gap: null, dst_overlap: null, missed: "latest", missed_max: 100, overlap: "skip" },
        isEnabled: true,
        triggerData: {},
        source: "api",
        nextAt: new Date("2030-01-02T09:00:00Z"),
        lastAt: null,
        lastError: null,
        queuedAt: null,
        activeExecutionIds: [],
        createdAt: at("10:00"),
        updatedAt: at("10:00"),
      },
    );
  });

  test("says that a schedule without any further date has no next time", async () => {
    const row = await bench.schedule(workflowId, "0 0 30 2 *");
    assert.deepEqual([row.nextAt, row.lastError], [null, "No date matches the cron expression"]);
    assert.deepEqual(await bench.schedules.preview(TENANT, row.id, 5), []);
  });

  const refused: readonly { readonly input: JsonObject; readonly code: string; readonly message: RegExp }[] = [
    { input: { cron: "* * * * * *" }, code: "INVALID_CRON", message: /^Invalid cron schedule format$/ },
    { input: { timezone: "Mars/Olympus" }, code: "VALIDATION_FAILED", message: /^timezone must be an IANA/ },
    { input: { policies: { overlap: "allow" } }, code: "VALIDATION_FAILED", message: /^policies\.overlap / },
    { input: { policies: { missed_max: 0 } }, code: "VALIDATION_FAILED", message: /^policies\.missed_max / },
    { input: { name: "" }, code: "VALIDATION_FAILED", message: /^name / },
    { input: { color: "red" }, code: "VALIDATION_FAILED", message: /color/ },
    { input: { workflow_id: 99_999 }, code: "WORKFLOW_NOT_FOUND", message: /^Workflow not found$/ },
    { input: { trigger_data: { x: "x".repeat(1_000_000) } }, code: "VALIDATION_FAILED", message: /1000000 bytes/ },
  ];
  for (const { input, code, message } of refused) {
    test(`refuses ${JSON.stringify(input).slice(0, 60)} with ${code}`, () =>
      assert.rejects(bench.schedule(workflowId, "* * * * *", input), { code, message }));
  }

  test("changes what is given, keeps the next time unless the times changed", async () => {
    const { id } = await bench.schedule(workflowId, "0 12 * * *");
    await bench.database.em().nativeUpdate(ScheduleEntity, { id }, { nextAt: at("09:59") });
    const renamed = await bench.schedules.update(TENANT, id, { name: "noon", policies: { missed: "all" } });
    assert.deepEqual(renamed.nextAt, at("09:59"));
    assert.deepEqual(renamed.policies, {
      dst_gap: null,
      dst_overlap: null,
      missed: "all",
      missed_max: 100,
      overlap: "skip",
    });
    const moved = await bench.schedules.update(TENANT, id, { cron: "30 12 * * *" });
    assert.deepEqual([moved.nextAt, moved.name, moved.policies.missed], [at("12:30"), "noon", "all"]);
    await assert.rejects(bench.schedules.update(TENANT, id, { cron: "noon" }), { code: "INVALID_CRON", field: "cron" });
  });

  test("a paused schedule has no next time and gets one when it is resumed", async () => {
    const { id } = await bench.schedule(workflowId, "0 12 * * *");
    const paused = await bench.schedules.pause(TENANT, id);
    assert.deepEqual([paused.isEnabled, paused.nextAt], [false, null]);
    const resumed = await bench.schedules.resume(TENANT, id);
    assert.deepEqual([resumed.isEnabled, resumed.nextAt], [true, at("12:00")]);
  });

  test("pages newest first, by workflow too", async () => {
    const other = await bench.workflow("listed");
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await bench.schedule(other, "@daily")).id);
    const list = async (after?: number): Promise<number[]> =>
      (await bench.schedules.list(TENANT, { workflowId: other }, firstOf(2, after))).items.map((row) => row.id);
    assert.deepEqual(
      [await list(), await list(ids[1]), await list(ids[3])],
      [ids.slice(0, 2), ids.slice(2, 4), [ids[4]]],
    );
    assert.equal((await bench.schedules.list(TENANT, {}, firstOf(1))).items[0]?.id, ids[0]);
    assert.equal(await bench.schedules.count(TENANT, { workflowId: other }), 5);
  });

  test("another tenant's schedule is not there, whatever is asked of it", async () => {
    const { id } = await bench.schedule(workflowId, "@daily");
    const s = bench.schedules;
    const range = { from: at("09:00"), to: at("10:00"), max: 10 };
    for (const asked of [
      () => s.get(OTHER, id),
      () => s.update(OTHER, id, { name: "mine" }),
      () => s.pause(OTHER, id),
      () => s.resume(OTHER, id),
      () => s.remove(OTHER, id),
      () => s.preview(OTHER, id, 1),
      () => s.backfill(OTHER, id, range),
    ]) {
      await assert.rejects(asked(), { code: "SCHEDULE_NOT_FOUND" });
    }
    assert.equal(await s.count(OTHER, {}), 0);
    await assert.rejects(s.create(OTHER, { workflow_id: workflowId, name: "x", cron: "@daily" }), {
      code: "WORKFLOW_NOT_FOUND",
    });
  });

  test("a removed schedule is gone", async () => {
    const { id } = await bench.schedule(workflowId, "@daily");
    await bench.schedules.remove(TENANT, id);
    await assert.rejects(bench.read(id), { code: "SCHEDULE_NOT_FOUND" });
  });

  test("previews up to 100 times, stored or not", async () => {
    const { id } = await bench.schedule(workflowId, "@hourly");
    const times = await bench.schedules.preview(TENANT, id, 100);
    assert.deepEqual([times.length, times[0], times[99]], [100, at("11:00"), new Date("2030-01-05T14:00:00Z")]);
    assert.deepEqual(bench.schedules.previewOf({ cron: "@hourly" }, 2), times.slice(0, 2));
    await assert.rejects(bench.schedules.preview(TENANT, id, 101), { code: "VALIDATION_FAILED", field: "count" });
    assert.throws(() => bench.schedules.previewOf({ cron: "no" }, 1), { code: "INVALID_CRON" });
  });
});

describe("a backfill", () => {
  test("starts one execution for each nominal time that has none, in order", async () => {
    const id = await bench.workflow("backfilled");
    const schedule = await bench.schedule(id, "*/20 * * * *", { trigger_data: { kind: "late" } });
    const range = { from: at("08:00"), to: at("09:00"), max: 10 };
    const first = await bench.schedules.backfill(TENANT, schedule.id, { ...range, to: at("08:20") });
    assert.deepEqual([first.executionIds.length, first.existing], [2, 0]);
    const [one, two] = await Promise.all([
      bench.schedules.backfill(TENANT, schedule.id, range),
      bench.schedules.backfill(TENANT, schedule.id, range),
    ]);
    assert.deepEqual(one.executionIds.length + one.existing, 4);
    assert.deepEqual(two.executionIds.length + two.existing, 4);
    assert.deepEqual(
      await bench.fired(id),
      ["08:00", "08:20", "08:40", "09:00"].map((time) => at(time).toISOString()),
    );
    assert.equal((await bench.executions(id))[0]?.triggerData.kind, "late");
    assert.deepEqual(await bench.schedules.backfill(TENANT, schedule.id, range), { executionIds: [], existing: 4 });
  });

  test("refuses a range with more times than max, from the future, or the wrong way round, and starts nothing", async () => {
    const id = await bench.workflow("not backfilled");
    const schedule = await bench.schedule(id, "* * * * *");
    const refuse = (range: { from: Date; to: Date; max: number }, field: string) =>
      assert.rejects(bench.schedules.backfill(TENANT, schedule.id, range), { code: "VALIDATION_FAILED", field });
    await refuse({ from: at("09:00"), to: at("09:10"), max: 10 }, "max");
    await refuse({ from: at("09:00"), to: at("09:10"), max: 1_001 }, "max");
    await refuse({ from: at("09:59"), to: at("10:01"), max: 10 }, "to");
    await refuse({ from: at("09:10"), to: at("09:00"), max: 10 }, "from");
    await refuse({ from: new Date(Number.NaN), to: at("09:00"), max: 10 }, "from");
    assert.deepEqual(await bench.executions(id), []);
  });
});

describe("a workflow's own schedule", () => {
  const sync = async (row: WorkflowRow): Promise<void> => {
    const tell = await bench.database.em().transactional((tx) => bench.ofWorkflows.sync(tx, row));
    tell();
  };
  const workflowRow = async (change: Partial<WorkflowRow>): Promise<WorkflowRow> => {
    const id = await bench.workflow(`own ${++names}`);
    return Object.assign(await bench.database.em().findOneOrFail(WorkflowEntity, { id }), change);
  };
  const own = (row: WorkflowRow) => bench.database.em().find(ScheduleEntity, { workflowId: row.id });

  test("is there while is_scheduled and cron_schedule are set, and fires while the workflow can be executed", async () => {
    const row = await workflowRow({ cronSchedule: "0 9 * * *", isScheduled: true });
    await sync(row);
    await sync(row);
    const [made, ...others] = await own(row);
    assert.equal(others.length, 0);
    assert.deepEqual(
      [made?.source, made?.name, made?.timezone, made?.nextAt],
      ["workflow", row.name, "UTC", new Date("2030-01-02T09:00:00Z")],
    );
    await sync(Object.assign(row, { isEnabled: false }));
    assert.deepEqual([(await own(row))[0]?.isEnabled, (await own(row))[0]?.nextAt], [false, null]);
    await sync(Object.assign(row, { isEnabled: true, status: "paused" }));
    assert.equal((await own(row))[0]?.isEnabled, false);
    await sync(Object.assign(row, { status: "active", cronSchedule: "0 11 * * *" }));
    assert.deepEqual([(await own(row))[0]?.id, (await own(row))[0]?.nextAt], [made?.id, at("11:00")]);
    await sync(Object.assign(row, { isScheduled: false }));
    assert.deepEqual(await own(row), []);
  });

  test("takes its zone and policies from trigger_config, and names what is wrong there", async () => {
    const trigger = { type: "schedule", timezone: "America/New_York", missed: "skip", dst_gap: "skip" };
    const row = await workflowRow({ cronSchedule: "0 9 * * *", isScheduled: true, triggerConfig: trigger });
    await sync(row);
    const [made] = await own(row);
    assert.deepEqual(
      [made?.timezone, made?.policies.missed, made?.policies.dst_gap, made?.policies.overlap, made?.nextAt],
      ["America/New_York", "skip", "skip", "skip", at("14:00")],
    );
    await assert.rejects(sync(Object.assign(row, { triggerConfig: { timezone: "Mars" } })), {
      code: "VALIDATION_FAILED",
      field: "trigger_config.timezone",
    });
    await assert.rejects(sync(Object.assign(row, { triggerConfig: null, cronSchedule: "soon" })), {
      code: "INVALID_CRON",
      field: "cron_schedule",
    });
    assert.equal((await own(row))[0]?.cron, "0 9 * * *");
  });

  test("is changed through its workflow alone", async () => {
    const row = await workflowRow({ cronSchedule: "@daily", isScheduled: true });
    await sync(row);
    const { id } = (await own(row))[0]!;
    for (const asked of [() => bench.schedules.pause(TENANT, id), () => bench.schedules.remove(TENANT, id)]) {
      await assert.rejects(asked(), { code: "INVALID_STATE", message: /cron_schedule/ });
    }
  });

  test("a deleted workflow takes all its schedules along", async () => {
    const row = await workflowRow({ cronSchedule: "@daily", isScheduled: true });
    await bench.schedule(row.id, "@hourly");
    await sync(row);
    assert.equal((await own(row)).length, 2);
    await sync(Object.assign(row, { status: "deleted" }));
    assert.deepEqual(await own(row), []);
  });
});
