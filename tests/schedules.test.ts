import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestApi, testApi } from "./support/api.ts";

let api: TestApi;
let workflowId: string;
before(async () => {
  api = await testApi();
  workflowId = await workflow();
});
after(() => api.close());

let names = 0;
const config = { steps: [{ name: "a", type: "log", config: { message: "x" } }] };
async function workflow(fields: object = {}): Promise<string> {
  const body = { name: `planned ${++names}`, workflow_config: config, ...fields };
  const answer = await api.rest("POST", "/api/v1/workflows", body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return `wf_${answer.body.id}`;
}
async function mutate(name: string, input: object, selection: string) {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { field code message } } }`;
  const { data, errors } = await api.query(query, { input });
  assert.deepEqual(errors, []);
  return data[name];
}
const SCHEDULE = `schedule { id name cron timezone isEnabled isOfWorkflow nextAt lastAt lastError queuedAt triggerData
  policies { dstGap dstOverlap missed missedMax overlap } workflow { id } }`;
const created = async (input: object = {}) =>
  (await mutate("createSchedule", { workflowId, name: "nightly", cron: "30 2 * * *", ...input }, SCHEDULE)).schedule;

describe("a schedule in GraphQL", () => {
  test("is created with its defaults, read, listed, changed, paused, resumed and deleted", async () => {
    const made = await created({ triggerData: { region: "eu" } });
    const { id, nextAt, ...rest } = made;
    assert.match(id, /^sch_\d+$/);
    assert.match(nextAt, /T02:30:00\.000Z$/);
    assert.deepEqual(rest, {
      name: "nightly",
      cron: "30 2 * * *",
      timezone: "UTC",
      isEnabled: true,
      isOfWorkflow: false,
      lastAt: null,
      lastError: null,
      queuedAt: null,
      triggerData: { region: "eu" },
      policies: { dstGap: null, dstOverlap: null, missed: "LATEST", missedMax: 100, overlap: "SKIP" },
      workflow: { id: workflowId },
    });

    const changed = await mutate(
      "updateSchedule",
      { scheduleId: id, timezone: "Europe/London", policies: { dstGap: "SKIP", overlap: "QUEUE" } },
      SCHEDULE,
    );
    assert.deepEqual(changed.schedule.policies, {
      dstGap: "SKIP",
      dstOverlap: null,
      missed: "LATEST",
      missedMax: 100,
      overlap: "QUEUE",
    });
    assert.deepEqual([changed.schedule.name, changed.schedule.timezone], ["nightly", "Europe/London"]);
    const cleared = await mutate("updateSchedule", { scheduleId: id, policies: { dstGap: null } }, SCHEDULE);
    assert.deepEqual([cleared.schedule.policies.dstGap, cleared.schedule.policies.overlap], [null, "QUEUE"]);

    const paused = await mutate("pauseSchedule", { scheduleId: id }, SCHEDULE);
    assert.deepEqual([paused.schedule.isEnabled, paused.schedule.nextAt], [false, null]);
    const resumed = await mutate("resumeSchedule", { scheduleId: id }, SCHEDULE);
    assert.equal(resumed.schedule.isEnabled, true);

    const { data } = await api.query(
      `query ($id: ID!, $workflow: ID!) {
        schedule(id: $id) { name } node(id: $id) { __typename id }
        schedules(filter: { workflowId: $workflow }, first: 1) { totalCount nodes { id } pageInfo { hasNextPage } } }`,
      { id, workflow: workflowId },
    );
    assert.deepEqual([data.schedule.name, data.node], ["nightly", { __typename: "Schedule", id }]);
    assert.deepEqual(data.schedules.nodes, [{ id }]);
    const gone = await mutate("deleteSchedule", { scheduleId: id }, "deletedScheduleId");
    assert.equal(gone.deletedScheduleId, id);
    assert.equal((await api.query(`{ schedule(id: "${id}") { id } }`)).data.schedule, null);
  });

  test("is refused with its code and the field that is wrong", async () => {
    for (const [input, code, field] of [
      [{ cron: "every day" }, "INVALID_CRON", ["cron"]],
      [{ timezone: "Mars/Olympus" }, "VALIDATION_FAILED", ["timezone"]],
      [{ policies: { missedMax: 0 } }, "VALIDATION_FAILED", ["policies", "missedMax"]],
      [{ name: "" }, "VALIDATION_FAILED", ["name"]],
      [{ workflowId: "wf_99999" }, "WORKFLOW_NOT_FOUND", ["workflowId"]],
    ] as const) {
      const wanted = { workflowId, name: "n", cron: "@daily", ...input };
      const { userErrors } = await mutate("createSchedule", wanted, "schedule { id }");
      assert.deepEqual([userErrors[0].code, userErrors[0].field], [code, field], JSON.stringify(userErrors));
    }
  });

  test("shows its next times across a change of the clock, stored or not", async () => {
    const input = { cron: "30 1 * * *", timezone: "Europe/London" };
    const { data, errors } = await api.query(
      `query ($input: PreviewScheduleInput!) { previewSchedule(input: $input, count: 100) }`,
      { input },
    );
    assert.deepEqual(errors, []);
    const hours = new Set(data.previewSchedule.map((at: string) => at.slice(11, 13)));
    assert.deepEqual(
      [data.previewSchedule.length, [...hours].every((hour) => hour === "00" || hour === "01")],
      [100, true],
    );
    const { id } = await created(input);
    const stored = await api.query(`{ schedule(id: "${id}") { nextTimes(count: 100) } }`);
    assert.deepEqual(stored.data.schedule.nextTimes, data.previewSchedule);
    const wrong = await api.query(`{ previewSchedule(input: { cron: "* * * *" }) }`);
    assert.equal(wrong.errors[0]?.extensions.code, "INVALID_CRON");
    const many = await api.query(`{ previewSchedule(input: { cron: "@daily" }, count: 101) }`);
    assert.equal(many.errors[0]?.extensions.code, "VALIDATION_FAILED");
  });

  test("starts executions for past times that have none, each once", async () => {
    const { id } = await created({ cron: "@hourly", triggerData: { region: "eu" } });
    const range = { scheduleId: id, from: "2025-01-08T10:00:00Z", to: "2025-01-08T14:30:00Z" };
    const first = await mutate("backfillSchedule", range, "executionIds existing");
    assert.deepEqual([first.executionIds.length, first.existing], [5, 0]);
    const again = await mutate("backfillSchedule", range, "executionIds existing");
    assert.deepEqual([again.executionIds.length, again.existing], [0, 5]);
    const { data } = await api.query(`{ execution(id: "${first.executionIds[0]}") { triggerType triggerData } }`);
    assert.deepEqual(data.execution, {
      triggerType: "SCHEDULED",
      triggerData: { region: "eu", scheduled_time: "2025-01-08T10:00:00.000Z", cron_schedule: "@hourly" },
    });
    const wide = await mutate("backfillSchedule", { ...range, max: 2 }, "executionIds");
    assert.deepEqual([wide.userErrors[0].code, wide.userErrors[0].field], ["VALIDATION_FAILED", ["max"]]);
  });
});

describe("a workflow's own schedule", () => {
  test("is made by cron_schedule and is_scheduled, and changed only there", async () => {
    const id = await workflow({ cron_schedule: "0 9 * * 1", is_scheduled: true, trigger_config: { timezone: "UTC" } });
    const list = `query ($id: ID!) { schedules(filter: { workflowId: $id }) { nodes { id cron isOfWorkflow isEnabled } } }`;
    const [schedule] = (await api.query(list, { id })).data.schedules.nodes;
    assert.deepEqual([schedule.cron, schedule.isOfWorkflow, schedule.isEnabled], ["0 9 * * 1", true, true]);
    for (const mutation of ["pauseSchedule", "deleteSchedule"]) {
      const { userErrors } = await mutate(mutation, { scheduleId: schedule.id }, "__typename");
      assert.equal(userErrors[0].code, "INVALID_STATE");
    }
    const path = `/api/v1/workflows/${id.slice(3)}`;
    await api.rest("PUT", path, { is_enabled: false });
    assert.equal((await api.query(list, { id })).data.schedules.nodes[0].isEnabled, false);
    const cleared = await api.rest("PUT", path, { cron_schedule: null });
    assert.equal(cleared.body.cron_schedule, null);
    assert.deepEqual((await api.query(list, { id })).data.schedules.nodes, []);
  });

  test("with a cron expression that cannot be read is refused in the documented words, made or changed", async () => {
    const id = await workflow();
    for (const [method, path, fields] of [
      ["POST", "/api/v1/workflows", { name: "bad cron", workflow_config: config }],
      ["PUT", `/api/v1/workflows/${id.slice(3)}`, {}],
    ] as const) {
      const answer = await api.rest(method, path, { ...fields, cron_schedule: "61 * * * *", is_scheduled: true });
      assert.deepEqual(
        [answer.status, answer.body.error_code, answer.body.detail],
        [400, "INVALID_CRON", "Invalid cron schedule format"],
      );
    }
  });
});
