import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type pg from "pg";
import { ExecutionQueries } from "../engine/execution/index.ts";
import type { JsonObject } from "../engine/model/json.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { Remover, type Retention, Sweeper } from "../engine/retention/index.ts";
import { clockOf } from "../engine/runtime/index.ts";
import { openPool } from "../engine/store/connection.ts";
import { sendCommand } from "../engine/store/index.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";
import { testSagas } from "./support/sagas.ts";

const DAY_MS = 86_400_000;

let api: TestApi;
let pool: pg.Pool;
before(async () => {
  api = await testApi();
  pool = openPool({ connectionString: api.t.options.databaseUrl, application_name: "test" }, 4);
});
after(async () => {
  await pool.end();
  await api.close();
});

const note = { name: "note", type: "log", config: { message: "here" } };
const approval = { name: "sign", type: "wait_for_event", config: { approval: true } };
let names = 0;
async function workflow(steps: readonly object[], rest: JsonObject = {}, config: object = {}): Promise<number> {
  const workflow_config = { steps, ...config } as unknown as JsonObject;
  return (await api.t.engine.workflows.create(TENANT, { name: `kept ${++names}`, workflow_config, ...rest })).id;
}
const start = async (workflowId: number) =>
  (await api.t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {} })).id;
/** Of each, when it is over and its domain events are made: this engine has nobody who makes any. */
async function over(workflowId: number, count = 1): Promise<number[]> {
  const ids: number[] = [];
  for (let i = 0; i < count; i++) ids.push(await start(workflowId));
  for (const id of ids) await api.t.finished(id);
  await pool.query("DELETE FROM journal_note");
  return ids;
}
async function there(ids: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query("SELECT id FROM execution WHERE id = ANY($1::bigint[]) ORDER BY id", [ids]);
  return rows.map(({ id }) => id);
}
/** What belongs to executions that are not there. */
async function strays(): Promise<string[]> {
  const tables = ["execution_step", "execution_event", "execution_signal", "execution_command", "webhook_delivery"];
  const found: string[] = [];
  for (const table of tables) {
    const { rows } = await pool.query(
      `SELECT DISTINCT execution_id FROM ${table} AS t WHERE NOT EXISTS (SELECT FROM execution WHERE id = t.execution_id)`,
    );
    found.push(...rows.map(({ execution_id }) => `${table} of ${execution_id}`));
  }
  return found;
}

interface SweeperOptions {
  readonly retention?: Retention;
  readonly beforeCommit?: () => void;
}
/** One that looks so many days from now. */
function sweeper(days: number, { retention = keepFor(null), beforeCommit }: SweeperOptions = {}): Sweeper {
  const clock = clockOf(() => Date.now() + days * DAY_MS);
  const remover = new Remover({ pool, bus: api.t.engine.bus, clock, ...(beforeCommit && { beforeCommit }) });
  return new Sweeper({ pool, clock, remover, retention, log: () => {} });
}
const keepFor = (days: number | null, daysOfTenants: Retention["daysOfTenants"] = new Map()): Retention => ({
  days,
  daysOfTenants,
});
const hold = (id: number) => api.t.engine.retention.hold(TENANT, id, { reason: "lawsuit 7" });

test("executions go when their retention is over: the workflow's, else the tenant's, else the installation's", async () => {
  const [short] = await over(await workflow([note], { retention_days: 10 }));
  const [plain] = await over(await workflow([note]));
  const [long] = await over(await workflow([note], { retention_days: 100 }));
  const all = [short!, plain!, long!];
  assert.equal(await sweeper(9).sweep(), 0);
  assert.equal(await sweeper(11).sweep(), 1);
  assert.deepEqual(await there(all), [plain, long], "for ever, where nobody says anything");
  const tenants = new Map([[TENANT, 50]]);
  assert.equal(await sweeper(40, { retention: keepFor(30, tenants) }).sweep(), 0);
  assert.equal(await sweeper(40, { retention: keepFor(30) }).sweep(), 1);
  assert.deepEqual(await there(all), [long]);
  assert.deepEqual(await strays(), []);
  const { rows } = await pool.query("SELECT sum(started)::int AS n FROM execution_count");
  assert.ok(rows[0].n >= 3, "what is counted by the hour stays");
  assert.equal(await sweeper(101).sweep(), 1);
});

test("what is not over, is held, is asked something or is still to be told of stays", async () => {
  const running = await start(await workflow([approval], { retention_days: 1 }));
  await api.t.reached(running, "execution.waiting");
  const [held, asked] = await over(await workflow([note], { retention_days: 1 }), 2);
  await hold(held!);
  await pool.query("INSERT INTO execution_signal (execution_id, data) VALUES ($1, '{}')", [asked]);
  const target = { url: "http://127.0.0.1:1/", events: ["workflow_completed"] };
  const [unsent] = await over(await workflow([note], { retention_days: 1 }, { webhooks: [target] }));
  assert.equal(await sweeper(5).sweep(), 0);
  assert.deepEqual(await there([running, held!, asked!, unsent!]), [running, held, asked, unsent]);
  await api.t.engine.retention.release(TENANT, held!);
  await pool.query("DELETE FROM execution_signal WHERE execution_id = $1", [asked]);
  await pool.query("UPDATE webhook_delivery SET due_at = NULL, status = 'failed' WHERE execution_id = $1", [unsent]);
  assert.equal(await sweeper(5).sweep(), 3);
  assert.deepEqual(await there([running, held!, asked!, unsent!]), [running]);
  assert.deepEqual(await strays(), []);
  await api.t.engine.executions.cancel(TENANT, running, { compensate: false, reason: null });
  await api.t.finished(running);
  await pool.query("DELETE FROM journal_note");
  assert.equal(await sweeper(5).sweep(), 1);
});

test("children are kept as long as their parent, and go with it", async () => {
  const child = await workflow([note], { retention_days: 1 });
  const sub = { name: "sub", type: "workflow", config: { workflow_id: child } };
  const [parent] = await over(await workflow([sub], { retention_days: 50 }));
  const { rows } = await pool.query("SELECT id FROM execution WHERE parent_id = $1", [parent]);
  const own: number = rows[0].id;
  assert.equal(await sweeper(40).sweep(), 0);
  await assert.rejects(api.t.engine.retention.delete(TENANT, own), {
    code: "INVALID_STATE",
    message: `It is a child of execution ${parent}, and goes with it`,
  });
  await hold(own);
  assert.equal(await sweeper(60).sweep(), 0, "a child that is held holds its parent");
  await api.t.engine.retention.release(TENANT, own);
  assert.equal(await sweeper(60).sweep(), 2);
  assert.deepEqual(await there([parent!, own]), []);
  assert.deepEqual(await strays(), []);
  const { rows: counts } = await pool.query("SELECT FROM execution_tree WHERE root_id = $1", [parent]);
  assert.deepEqual(counts, []);
});

test("many go in batches; a fault or an end between two of them leaves none half removed, and the next round goes on", async () => {
  const each = { ...note, for_each: { items: Array.from({ length: 40 }, (_, i) => i) } };
  const ids = await over(await workflow([each], { retention_days: 1 }), 130);
  let batches = 0;
  const fault = () => {
    batches += 1;
    if (batches === 2) throw new Error("the process ends here");
  };
  await assert.rejects(sweeper(2, { beforeCommit: fault }).sweep(), /the process ends here/);
  const left = await there(ids);
  assert.ok(left.length > 0 && left.length < ids.length, `${left.length} are left`);
  assert.deepEqual(await strays(), []);
  const { rows } = await pool.query(
    "SELECT count(DISTINCT execution_id)::int AS n FROM execution_event WHERE execution_id = ANY($1::bigint[])",
    [ids],
  );
  assert.equal(rows[0].n, left.length, "those that are left have all that is theirs");
  const [one, other] = await Promise.all([sweeper(2).sweep(), sweeper(2).sweep()]);
  assert.equal(one + other, left.length, "two processes share what is left");
  assert.deepEqual(await there(ids), []);
  assert.deepEqual(await strays(), []);
});

test("one that somebody is at work on is passed over, and a command that comes too late finds nobody", async () => {
  const [id] = await over(await workflow([note], { retention_days: 1 }));
  const claim = await pool.connect();
  await claim.query("BEGIN");
  await claim.query("UPDATE execution SET epoch = epoch + 1 WHERE id = $1", [id]);
  assert.equal(await sweeper(5).sweep(), 0);
  await claim.query("ROLLBACK");
  await claim.query("BEGIN");
  await claim.query("SELECT FROM execution WHERE id = $1 FOR UPDATE", [id]);
  const sent = sendCommand(pool, id!, { kind: "pause" });
  await claim.query("DELETE FROM execution WHERE id = $1", [id]);
  await claim.query("COMMIT");
  claim.release();
  assert.equal(await sent, null);
  await pool.query("DELETE FROM execution_step WHERE execution_id = $1", [id]);
  await pool.query("DELETE FROM execution_event WHERE execution_id = $1", [id]);
  assert.deepEqual(await strays(), []);
});

test("one whose domain events are still to be made waits for that for a minute, by hand too", async () => {
  const workflowId = await workflow([note]);
  const id = await start(workflowId);
  await api.t.finished(id);
  await assert.rejects(api.t.engine.retention.delete(TENANT, id), { code: "INVALID_STATE", message: /Domain events/ });
  const removal = api.t.engine.retention.delete(TENANT, id);
  await pool.query("DELETE FROM journal_note");
  assert.deepEqual(await removal, [id]);
});

test("REST deletes an execution that is over, once, for whoever owns it", async () => {
  const [id] = await over(await workflow([note]));
  const path = `/api/v1/workflows/executions/${id}`;
  const stranger = await api.keyFor(tenantNamed("stranger"), "write");
  const foreign = await api.rest("DELETE", path, undefined, { authorization: `Bearer ${stranger}` });
  assert.deepEqual([foreign.status, foreign.body.error_code], [404, "EXECUTION_NOT_FOUND"]);
  const reader = await api.keyFor(TENANT, "read", "execute", "admin");
  const forbidden = await api.rest("DELETE", path, undefined, { authorization: `Bearer ${reader}` });
  assert.equal(forbidden.status, 403);
  await hold(id!);
  const held = await api.rest("DELETE", path);
  assert.deepEqual([held.status, held.body.error_code], [409, "INVALID_STATE"]);
  await api.t.engine.retention.release(TENANT, id!);
  const { status, body } = await api.rest("DELETE", path);
  assert.deepEqual([status, body], [200, { message: "Execution deleted successfully", execution_id: id }]);
  for (const method of ["DELETE", "GET"]) assert.equal((await api.rest(method, path)).status, 404);
  const { rows } = await pool.query(
    "SELECT before, after FROM audit_entry WHERE action = 'execution.delete' AND target = $1 AND refused IS NULL",
    [`execution:${id}`],
  );
  assert.deepEqual([rows[0].before.id, rows[0].after], [id, { executions: 1 }]);
  const waiting = await start(await workflow([approval]));
  await api.t.reached(waiting, "execution.waiting");
  const running = await api.rest("DELETE", `/api/v1/workflows/executions/${waiting}`);
  assert.deepEqual([running.status, running.body.detail], [409, "Execution is not over (status: waiting)"]);
});

test("a workflow's retention is set, shown and taken back over both faces", async () => {
  const workflowId = await workflow([note]);
  const path = `/api/v1/workflows/${workflowId}`;
  assert.equal("retention_days" in (await api.rest("GET", path)).body, false, "as documented, without one");
  assert.equal((await api.rest("PUT", path, { retention_days: 30 })).body.retention_days, 30);
  assert.equal((await api.rest("GET", path)).body.retention_days, 30);
  for (const retention_days of [0, 36_501, 1.5, "7"]) {
    const { status, body } = await api.rest("PUT", path, { retention_days });
    assert.deepEqual([status, body.error_code], [400, "VALIDATION_FAILED"]);
  }
  const query = `mutation ($days: Int) { updateWorkflow(input: { workflowId: "wf_${workflowId}", retentionDays: $days }) {
    workflow { retentionDays version } userErrors { code } } }`;
  const update = async (days: number | null) => (await api.query(query, { days })).data.updateWorkflow.workflow;
  assert.deepEqual(await update(7), { retentionDays: 7, version: 1 });
  assert.deepEqual(await update(null), { retentionDays: null, version: 1 });
});

test("GraphQL holds, releases and deletes; the node is gone then, and a list goes on from its cursor", async () => {
  const workflowId = await workflow([note], { retention_days: 7 });
  const ids = (await over(workflowId, 3)).map((id) => `ex_${id}`);
  const executor = await api.keyFor(TENANT, "read", "write", "execute");
  const holding = `mutation ($id: ID!) { holdExecution(input: { executionId: $id, reason: "audit" }) {
    execution { hold { reason heldAt } workflow { retentionDays } } userErrors { code } } }`;
  assert.equal((await api.query(holding, { id: ids[1] }, executor)).errors[0]?.extensions.code, "FORBIDDEN");
  const { execution } = (await api.query(holding, { id: ids[1] })).data.holdExecution;
  assert.deepEqual([execution.hold.reason, execution.workflow.retentionDays], ["audit", 7]);
  const deleting = `mutation ($id: ID!) { deleteExecution(input: { executionId: $id }) {
    deletedExecutionIds userErrors { code message } } }`;
  const refused = (await api.query(deleting, { id: ids[1] }, executor)).data.deleteExecution;
  assert.deepEqual(refused.userErrors[0].code, "INVALID_STATE");
  const list = `query ($id: ID!, $after: String) { workflow(id: $id) { executions(first: 1, after: $after) {
    nodes { id } pageInfo { endCursor } totalCount } } }`;
  const page = async (cursor: string | null) =>
    (await api.query(list, { id: `wf_${workflowId}`, after: cursor })).data.workflow.executions;
  const first = await page(null);
  assert.equal(first.nodes[0].id, ids[2]);
  const gone = (await api.query(deleting, { id: ids[2] }, executor)).data.deleteExecution;
  assert.deepEqual(gone, { deletedExecutionIds: [ids[2]], userErrors: [] });
  const next = await page(first.pageInfo.endCursor);
  assert.deepEqual([next.nodes[0].id, next.totalCount], [ids[1], 2]);
  const { data } = await api.query(`query ($id: ID!) { node(id: $id) { id } execution(id: $id) { id } }`, {
    id: ids[2],
  });
  assert.deepEqual(data, { node: null, execution: null });
  const releasing = `mutation ($id: ID!) { releaseExecution(input: { executionId: $id }) {
    execution { hold { reason } } userErrors { code } } }`;
  const release = async () => (await api.query(releasing, { id: ids[1] })).data.releaseExecution;
  assert.deepEqual(await release(), { execution: { hold: null }, userErrors: [] });
  assert.deepEqual((await release()).userErrors, [{ code: "INVALID_STATE" }]);
  assert.deepEqual((await api.query(deleting, { id: ids[1] }, executor)).data.deleteExecution.userErrors, []);
});

test("deleteExecutions removes what its filter finds, tells first when asked to, and says what stays and why", async () => {
  const workflowId = await workflow([note]);
  const ids = (await over(workflowId, 4)).reverse();
  await hold(ids[1]!);
  const query = `mutation ($input: DeleteExecutionsInput!) { deleteExecutions(input: $input) {
    batch { acceptedIds refused { executionId code } hasMore endCursor } userErrors { code field } } }`;
  const remove = async (input: object, secret?: string) =>
    (await api.query(query, { input: { filter: { workflowId: `wf_${workflowId}` }, ...input } }, secret)).data
      .deleteExecutions;
  const nodes = ids.map((id) => `ex_${id}`);
  const dry = await remove({ dryRun: true });
  assert.deepEqual(dry.batch.acceptedIds, [nodes[0], nodes[2], nodes[3]]);
  assert.deepEqual(dry.batch.refused, [{ executionId: nodes[1], code: "INVALID_STATE" }]);
  assert.equal((await there(ids)).length, 4);
  const page = await remove({ limit: 2 });
  assert.deepEqual([page.batch.acceptedIds, page.batch.hasMore], [[nodes[0]], true]);
  const rest = await remove({ after: page.batch.endCursor });
  assert.deepEqual([rest.batch.acceptedIds, rest.batch.hasMore], [nodes.slice(2), false]);
  assert.deepEqual(await there(ids), [ids[1]]);
  const stranger = await api.keyFor(tenantNamed("stranger"), "write");
  assert.deepEqual((await remove({}, stranger)).userErrors, [
    { code: "WORKFLOW_NOT_FOUND", field: ["filter", "workflowId"] },
  ]);
  assert.deepEqual((await remove({ filter: {} }, stranger)).batch.acceptedIds, []);
  assert.deepEqual(await strays(), []);
});

test("an export has every step and event of an execution and its children, a line each", async () => {
  const child = await workflow([note]);
  const [id] = await over(await workflow([{ name: "sub", type: "workflow", config: { workflow_id: child } }]));
  const response = await fetch(`${api.address}/api/v1/workflows/executions/${id}/export`, {
    headers: { authorization: `Bearer ${api.secret}` },
  });
  assert.match(response.headers.get("content-type")!, /^application\/x-ndjson/);
  const lines = (await response.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const count = (kind: string) => lines.filter((line) => line.kind === kind).length;
  const { rows } = await pool.query(
    `SELECT count(*)::int AS events, count(*) FILTER (WHERE type = 'step.completed')::int AS steps FROM execution_event
     WHERE execution_id IN (SELECT id FROM execution WHERE id = $1 OR parent_id = $1)`,
    [id],
  );
  assert.deepEqual([count("execution"), count("step"), count("event")], [2, rows[0].steps, rows[0].events]);
  assert.deepEqual([lines[0].kind, lines[0].id, lines[0].status], ["execution", id, "completed"]);
});

test("whoever reads the events of an execution that is removed meanwhile comes to an end", async () => {
  const each = { ...note, for_each: { items: Array.from({ length: 300 }, (_, i) => i) } };
  const [id] = await over(await workflow([each]));
  const events = await api.t.engine.executions.events(TENANT, id!, 0);
  assert.equal((await events.next()).value?.type, "execution.created");
  await api.t.engine.retention.delete(TENANT, id!);
  let last = 0;
  for await (const { seq } of events) last = seq;
  assert.ok(last < 600, "the page that it had, and no more");
  await assert.rejects(api.t.engine.executions.events(TENANT, id!, 0), { code: "EXECUTION_NOT_FOUND" });
});

test("a list leaves out what is removed while it is read", async () => {
  const workflowId = await workflow([note]);
  const ids = await over(workflowId, 3);
  const reading = new Proxy(pool, {
    get: (target, name) => {
      if (name !== "query") return Reflect.get(target, name);
      return async (statement: { readonly name?: string }) => {
        if (statement.name === "json-execution-trigger_data") await api.t.engine.retention.delete(TENANT, ids[1]!);
        return target.query(statement as pg.QueryConfig);
      };
    },
  });
  const queries = new ExecutionQueries(reading, 2 ** 30);
  const listed = await queries.listAt(TENANT, { workflowId }, { limit: 10, offset: 0 });
  assert.deepEqual(
    listed.map(({ id }) => id),
    [ids[2], ids[0]],
  );
});

test("what was told to others stays: domain events of a saga that is removed as soon as it is over", async () => {
  const s = await testSagas();
  try {
    const saga = await s.run([note]);
    const { execution } = await s.finished(saga);
    assert.deepEqual(await s.t.engine.retention.delete(TENANT, execution.id), [execution.id]);
    const types = ["saga.started", "saga.step_completed", "saga.completed"];
    const heard = await s.heard(types.length, types);
    assert.deepEqual(
      heard.map(({ type, aggregateId }) => [type, aggregateId]),
      types.map((type) => [type, saga]),
    );
  } finally {
    await s.close();
  }
});
