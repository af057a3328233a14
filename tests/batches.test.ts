import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { BatchRequest } from "../engine/index.ts";
import type { JsonObject } from "../engine/model/json.ts";
import { StepError } from "../engine/model/step-error.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

let api: TestApi;
/** While it is so, `fragile` steps fail. */
let broken = true;
before(async () => {
  api = await testApi({
    invoke: (type, config, context) => {
      const { message } = config as { message?: string };
      if (message === "fragile" && broken) throw new StepError("STEP_FAILED", "broken \0 \ud83d", { retryable: false });
      return type.run(config, context);
    },
  });
});
after(() => api.close());

const log = (name: string, rest: object = {}) => ({ name, type: "log", config: { message: name }, ...rest });
const approval = { name: "sign", type: "wait_for_event", config: { approval: true } };
let names = 0;
async function workflow(...steps: object[]): Promise<number> {
  const input = { name: `batch ${++names}`, workflow_config: { steps } as unknown as JsonObject };
  return (await api.t.engine.workflows.create(TENANT, input)).id;
}
async function started(workflowId: number, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let i = 0; i < count; i++) {
    ids.push((await api.t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {} })).id);
  }
  return ids.reverse();
}
const request = (workflowId: number | undefined, rest: Partial<BatchRequest> = {}): BatchRequest => ({
  filter: { workflowId },
  limit: 100,
  after: null,
  dryRun: false,
  ...rest,
});
const cancelled = { compensate: true, reason: "spring cleaning" };
const statusOf = async (id: number) => (await api.t.engine.executions.get(TENANT, id)).status;

test("a batch cancels what its filter finds, in stretches that follow each other", async () => {
  const workflowId = await workflow(approval);
  const [other] = await started(await workflow(approval), 1);
  const ids = await started(workflowId, 5);
  for (const id of ids) await api.t.reached(id, "execution.waiting");
  const { executionBatches } = api.t.engine;
  const dry = await executionBatches.cancel(TENANT, request(workflowId, { dryRun: true }), cancelled);
  assert.deepEqual([dry.accepted, dry.refused, dry.hasMore], [ids, [], false]);
  for (const id of ids) assert.equal(await statusOf(id), "waiting");
  const first = await executionBatches.cancel(TENANT, request(workflowId, { limit: 2 }), cancelled);
  assert.deepEqual([first.accepted, first.hasMore, first.last], [ids.slice(0, 2), true, ids[1]]);
  const rest = await executionBatches.cancel(TENANT, request(workflowId, { after: first.last }), cancelled);
  assert.deepEqual([rest.accepted, rest.hasMore], [ids.slice(2), false]);
  for (const id of ids) {
    const { execution } = await api.t.finished(id);
    assert.deepEqual([execution.status, execution.error?.message], ["cancelled", "spring cleaning"]);
  }
  assert.equal(await statusOf(other!), "waiting");
  const again = await executionBatches.cancel(TENANT, request(workflowId), cancelled);
  assert.deepEqual(again, { accepted: [], refused: [], last: null, hasMore: false });
});

test("a batch is read in chunks, and one beyond its bound is refused", async () => {
  const workflowId = await workflow(approval);
  const ids = await started(workflowId, 230);
  for (const id of ids) await api.t.reached(id, "execution.waiting");
  const report = await api.t.engine.executionBatches.cancel(TENANT, request(workflowId, { limit: 220 }), cancelled);
  assert.deepEqual([report.accepted, report.hasMore], [ids.slice(0, 220), true]);
  for (const limit of [0, 1_001, 1.5]) {
    await assert.rejects(api.t.engine.executionBatches.cancel(TENANT, request(workflowId, { limit }), cancelled), {
      code: "VALIDATION_FAILED",
    });
  }
});

test("failed executions are opened again where they failed; what cannot be is refused with its reason", async () => {
  const workflowId = await workflow(log("first"), log("fragile"), log("last"));
  const failed = await started(workflowId, 3);
  for (const id of failed) assert.equal((await api.t.finished(id)).execution.status, "failed");
  const undone = await workflow(
    log("first", { compensate: { type: "log", config: { message: "undo" } } }),
    log("fragile"),
  );
  const [undoneId] = await started(undone, 1);
  await api.t.finished(undoneId!);
  const query = `mutation ($input: RetryExecutionsInput!) { retryExecutions(input: $input) {
    batch { acceptedCount acceptedIds refusedCount refused { executionId code message } hasMore endCursor }
    userErrors { code field } } }`;
  const retry = async (input: object) => (await api.query(query, { input })).data.retryExecutions;
  const dry = await retry({ filter: {}, dryRun: true });
  assert.deepEqual([dry.batch.acceptedCount, dry.batch.refusedCount], [3, 1]);
  assert.deepEqual(dry.batch.refused[0], {
    executionId: `ex_${undoneId}`,
    code: "INVALID_STATE",
    message: "The execution was undone: start or fork a new one",
  });
  broken = false;
  const page = await retry({ filter: { workflowId: `wf_${workflowId}` }, limit: 2 });
  assert.deepEqual(
    page.batch.acceptedIds,
    failed.slice(0, 2).map((id) => `ex_${id}`),
  );
  const { batch } = await retry({ filter: { workflowId: `wf_${workflowId}` }, after: page.batch.endCursor });
  assert.deepEqual([batch.acceptedIds, batch.hasMore], [[`ex_${failed[2]}`], false]);
  for (const id of failed) {
    await api.t.reached(id, "execution.completed");
    const { byName } = await api.t.finished(id);
    assert.deepEqual([byName.first!.attempt, byName.last!.status], [1, "completed"]);
  }
  const wrong = await retry({ filter: { workflowId: "ex_1" } });
  assert.deepEqual(wrong.userErrors, [{ code: "VALIDATION_FAILED", field: ["filter", "workflowId"] }]);
  const many = await retry({ filter: {}, limit: 1_001 });
  assert.deepEqual(many.userErrors, [{ code: "VALIDATION_FAILED", field: ["limit"] }]);
});

test("executions of another tenant are not found, and over ones are refused only when they are asked for", async () => {
  const workflowId = await workflow(log("first"));
  const [over] = await started(workflowId, 1);
  await api.t.finished(over!);
  const query = `mutation ($input: CancelExecutionsInput!) { cancelExecutions(input: $input) {
    batch { acceptedCount refused { code message } } userErrors { code } } }`;
  const cancel = async (status: string[] | null) =>
    (await api.query(query, { input: { filter: { workflowId, status } } })).data.cancelExecutions.batch;
  assert.deepEqual(await cancel(null), { acceptedCount: 0, refused: [] });
  assert.deepEqual(await cancel(["COMPLETED"]), {
    acceptedCount: 0,
    refused: [{ code: "INVALID_STATE", message: "Execution cannot be cancelled (status: completed)" }],
  });
  const stranger = await api.keyFor(tenantNamed("stranger"), "execute");
  const input = { filter: { workflowId, status: ["COMPLETED"] } };
  const { cancelExecutions } = (await api.query(query, { input }, stranger)).data;
  assert.deepEqual(cancelExecutions, { batch: null, userErrors: [{ code: "WORKFLOW_NOT_FOUND" }] });
  const all = (await api.query(query, { input: { filter: { status: ["COMPLETED"] } } }, stranger)).data;
  assert.deepEqual(all.cancelExecutions.batch, { acceptedCount: 0, refused: [] });
});
