import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import { tenantNamed } from "../model/index.ts";
import type { JsonObject } from "../model/json.ts";

let t: TestEngine;
before(async () => {
  t = await testEngine();
});
after(() => t.close());

const log = (message: string) => ({ steps: [{ name: "a", type: "log", config: { message } }] });
let names = 0;
const create = (rest: JsonObject = {}) =>
  t.engine.workflows.create(TENANT, { name: `w ${++names}`, workflow_config: log("one"), ...rest });

test("a change of name keeps the version; one of definition or limits makes a new one", async () => {
  const { id } = await create();
  const { workflows } = t.engine;
  assert.equal((await workflows.update(TENANT, id, { name: "renamed" })).version, 1);
  assert.equal((await workflows.update(TENANT, id, { timeout_seconds: 300 })).version, 1, "the same limit");
  assert.equal((await workflows.update(TENANT, id, { timeout_seconds: 10 })).version, 2);
  const changed = await workflows.update(TENANT, id, { workflow_config: log("two") });
  assert.deepEqual([changed.version, changed.timeoutSeconds, changed.definition], [3, 10, log("two")]);
  assert.deepEqual({ ...(await workflows.get(TENANT, id)) }, { ...changed });
});

test("what an update does not name stays, and null clears what can be null", async () => {
  const { id } = await create({ description: "kept", cron_schedule: "0 9 * * *", is_enabled: false });
  const changed = await t.engine.workflows.update(TENANT, id, { cron_schedule: null });
  assert.deepEqual([changed.description, changed.cronSchedule, changed.isEnabled], ["kept", null, false]);
  await assert.rejects(t.engine.workflows.update(TENANT, id, { is_enabled: null }), { code: "VALIDATION_FAILED" });
});

test("an update that breaks a rule changes nothing", async () => {
  const [one, two] = [await create(), await create()];
  const { workflows } = t.engine;
  for (const [input, code] of [
    [{ name: one.name }, "NAME_TAKEN"],
    [{ workflow_config: {} }, "WORKFLOW_CONFIG_REQUIRED"],
    [{ workflow_config: { steps: [{ type: "unknown" }] } }, "VALIDATION_FAILED"],
    [{ cron_schedule: "nonsense" }, "INVALID_CRON"],
    [{ status: "deleted" }, "VALIDATION_FAILED"],
    [{ unheard_of: 1 }, "VALIDATION_FAILED"],
  ] as const) {
    await assert.rejects(workflows.update(TENANT, two.id, { description: "no", ...input } as JsonObject), { code });
  }
  assert.deepEqual({ ...(await workflows.get(TENANT, two.id)) }, { ...two });
  await assert.rejects(workflows.update(tenantNamed("other"), two.id, {}), { code: "WORKFLOW_NOT_FOUND" });
});

test("updates at the same time each make a version of their own", async () => {
  const { id } = await create();
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, i) => t.engine.workflows.update(TENANT, id, { timeout_seconds: 1_000 + i })),
  );
  assert.deepEqual(
    made.map(({ version }) => version).sort((a, b) => a - b),
    [2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test("an execution stays on the version it was started with; the next start takes the new one", async () => {
  const { id } = await create();
  const start = () => t.engine.executions.start({ tenantId: TENANT, workflowId: id, triggerData: {} });
  const before = await start();
  await t.engine.workflows.update(TENANT, id, { workflow_config: log("two") });
  assert.deepEqual([before.workflowVersion, (await start()).workflowVersion], [1, 2]);
});

test("a deleted workflow is gone, frees its name, and starts nothing more", async () => {
  const { id, name } = await create();
  await t.engine.executions.start({ tenantId: TENANT, workflowId: id, triggerData: {} });
  await t.engine.workflows.delete(TENANT, id);
  await assert.rejects(t.engine.workflows.get(TENANT, id), { code: "WORKFLOW_NOT_FOUND" });
  await assert.rejects(t.engine.executions.start({ tenantId: TENANT, workflowId: id, triggerData: {} }), {
    code: "WORKFLOW_NOT_FOUND",
  });
  await assert.rejects(t.engine.workflows.delete(TENANT, id), { code: "WORKFLOW_NOT_FOUND" });
  assert.notEqual((await create({ name })).id, id);
  const window = { limit: 100, after: null, before: null, fromEnd: false };
  const listed = async (statuses: ["deleted"] | null) =>
    (await t.engine.workflows.list(TENANT, statuses, window)).items.some((row) => row.id === id);
  assert.deepEqual([await listed(null), await listed(["deleted"])], [false, true]);
});
