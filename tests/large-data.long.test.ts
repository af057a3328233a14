import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, mock, test } from "node:test";
import pg from "pg";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

const STEPS = 80;
const MIB = 1_048_576;

let api: TestApi;
let id: number;

/** An execution whose steps, events and trigger data have a MiB each, as their limits allow. */
before(async () => {
  api = await testApi();
  id = (await api.t.start([{ name: "a", type: "log", config: { message: "x" } }])).id;
  await api.t.finished(id);
  const large = `json_build_object('text', repeat('x', ${MIB}))`;
  await api.t.pool.query(
    `UPDATE execution SET trigger_data = ${large}, last_seq = last_seq + ${STEPS} WHERE id = ${id}`,
  );
  await api.t.pool.query(
    `INSERT INTO execution_step (execution_id, id, step_order, name, type, role, definition_index, branch_path, status,
       attempt, input, output, started_at, completed_at)
     SELECT ${id}, 1000000 + i, 100 + i, 'large ' || i, 'log', 'action', 1, '', 'completed', 1, ${large}, ${large}, now(), now()
     FROM generate_series(1, ${STEPS}) AS i`,
  );
  await api.t.pool.query(
    `INSERT INTO execution_event (execution_id, seq, type, step_id, data, at)
     SELECT ${id}, seq + i, 'step.completed', 1000000 + i, ${large}, now()
     FROM generate_series(1, ${STEPS}) AS i, (SELECT max(seq) AS seq FROM execution_event WHERE execution_id = ${id}) AS last`,
  );
});
after(() => api.close());

/** The longest value that Postgres has sent meanwhile. */
async function longestRead(run: () => Promise<void>): Promise<number> {
  let longest = 0;
  const { query } = pg.Client.prototype;
  const method = mock.method(pg.Client.prototype, "query", async function (this: pg.Client, ...args: never) {
    const result = await (query as (...args: never) => Promise<pg.QueryResult>).apply(this, args);
    for (const row of result?.rows ?? []) {
      for (const value of Object.values(row)) longest = Math.max(longest, JSON.stringify(value)?.length ?? 0);
    }
    return result;
  });
  try {
    await run();
  } finally {
    method.mock.restore();
  }
  return longest;
}

test("what is not shown is not read, however large it is", async () => {
  const longest = await longestRead(async () => {
    const { data, errors } = await api.query(`{ executions(first: 2) { nodes { id status error { code }
      steps(first: 100) { nodes { id name status error { code } attempts { number } } }
      events(first: 100) { nodes { seq type stepName } } } } }`);
    assert.deepEqual(errors, []);
    const [execution] = data.executions.nodes;
    assert.equal(execution.steps.nodes.length, STEPS + 1);
    assert.equal(execution.events.nodes.at(-1).stepName, `large ${STEPS}`);
    assert.equal(execution.events.nodes[0].stepName, null);
  });
  assert.ok(longest < 100_000, `${longest} characters`);
});

test("what is shown is read up to a limit, and the rest is an error of its own field", async () => {
  const { data, errors } = await api.query(
    "query ($id: ID!) { execution(id: $id) { triggerData result steps(first: 100) { nodes { name output } } } }",
    { id: `ex_${id}` },
  );
  const { execution } = data;
  assert.equal(execution.triggerData.text.length, MIB);
  assert.equal(execution.result, null);
  const shown = execution.steps.nodes.filter(({ output }: { output: unknown }) => output !== null);
  assert.equal(shown.length, 64, "the first step's, and 63 of a MiB and its name");
  const paths = errors.map(({ path, extensions }) => {
    assert.equal(extensions.code, "ANSWER_TOO_LARGE");
    return path!.join(".");
  });
  assert.ok(paths.includes("execution.result"));
  assert.ok(paths.includes(`execution.steps.nodes.${STEPS}.output`));
  assert.equal(paths.length, 1 + STEPS + 1 - shown.length);
});

test("a page of events is shown with its data when it fits, and is an error when it does not", async () => {
  const events = async (size: number) =>
    api.query("query ($id: ID!, $last: Int!) { execution(id: $id) { events(last: $last) { nodes { seq data } } } }", {
      id: `ex_${id}`,
      last: size,
    });
  const { nodes } = (await events(60)).data.execution.events;
  assert.ok(nodes.every((event: { data: { text: string } }) => event.data.text.length === MIB));
  const refused = await events(STEPS);
  assert.deepEqual([refused.data.execution, refused.errors[0]?.extensions.code], [null, "ANSWER_TOO_LARGE"]);
});

test("the REST API answers as it documents, whole", async () => {
  const { status, body } = await api.rest("GET", `/api/v1/workflows/executions/${id}/steps`);
  assert.equal(status, 200);
  assert.equal(body.length, STEPS + 1);
  assert.equal(body.at(-1).output_data.text.length, MIB);
});

test("a documented list that no answer can hold is refused, and a shorter one is not", async () => {
  const { workflowId } = await api.t.engine.executions.get(TENANT, id);
  await api.t.pool.query(
    `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at)
     SELECT gen_random_uuid(), 1000000 + i, '${TENANT}', ${workflowId}, 1, 'completed', 'none', 'manual',
       json_build_object('text', repeat('x', ${MIB})), 0, 1, 1, now() FROM generate_series(1, 130) AS i`,
  );
  const path = `/api/v1/workflows/${workflowId}/executions`;
  const refused = await api.rest("GET", `${path}?limit=200`);
  assert.deepEqual([refused.status, refused.body.error_code], [400, "ANSWER_TOO_LARGE"]);
  const { status, body } = await api.rest("GET", `${path}?limit=20`);
  assert.deepEqual([status, body.length], [200, 20]);
});

test("an execution whose steps bring more than it may hold fails, and says so; others are not held up", async (t) => {
  const body = JSON.stringify({ text: "x".repeat(4 * MIB) });
  const server = createServer((_, response) => response.setHeader("content-type", "application/json").end(body));
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const fetch = { name: "fetch", type: "http_request", config: { url }, for_each: { items: "{{trigger.items}}" } };
  const last = { name: "last", type: "log", config: { message: "x" } };
  const start = (count: number, ...more: object[]) =>
    api.t.start([fetch, ...more, last], { trigger: { items: Array.from({ length: count }, (_, i) => i) } });

  const small = await start(2);
  const large = await start(40);
  const { execution, byName } = await api.t.finished(large.id);
  assert.deepEqual([execution.status, execution.error?.code], ["failed", "EXECUTION_TOO_LARGE"]);
  assert.equal(byName.last, undefined);
  const fetched = Object.values(byName).filter(({ output }) => output !== null);
  assert.ok(fetched.length > 1 && fetched.length < 16, String(fetched.length));
  assert.equal((await api.t.finished(small.id)).execution.status, "completed");
});

test("inputs and outputs of all steps count together, and what undoes work is not stopped by it", async () => {
  const text = "x".repeat(900_000);
  const copies = Array.from({ length: 40 }, (_, i) => ({
    name: `copy_${i}`,
    type: "data_transform",
    config: { source_data: "{{trigger.text}}" },
  }));
  const undone = {
    name: "undone",
    type: "log",
    config: { message: "x" },
    compensate: { type: "log", config: { message: "{{trigger.text}}" } },
  };
  const { id: started } = await api.t.start([undone, ...copies], { trigger: { text } });
  const { execution, byName } = await api.t.finished(started);
  assert.deepEqual(
    [execution.status, execution.compensationStatus],
    ["failed", "completed"],
    JSON.stringify(execution.error),
  );
  assert.equal(byName["undone[undo]"]?.status, "completed");
});
