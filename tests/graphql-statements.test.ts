import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { type TestApi, testApi } from "./support/api.ts";

let api: TestApi;
before(async () => {
  api = await testApi();
});
after(() => api.close());

const QUERY = `query ($first: Int!) {
  workflows(first: $first) { totalCount nodes {
    name definition
    executions(first: 5, status: [COMPLETED]) { totalCount nodes {
      status result workflow { name } workflowVersion { number }
      steps(first: 10) { totalCount nodes { name parent { name } execution { id } } }
      events(first: 3) { nodes { seq step { name } } }
    } }
  } }
}`;

test("a query of many levels takes the same number of statements whatever the size of its page", async (t) => {
  for (let i = 0; i < 12; i++) {
    const log = (name: string) => ({ name, type: "log", config: { message: name } });
    const { id, workflowId } = await api.t.start([log("a"), { ...log("b"), for_each: { items: [1, 2] } }]);
    await api.t.finished(id);
    const again = await api.t.engine.executions.start({ tenantId: "test", workflowId, triggerData: {} });
    await api.t.finished(again.id);
  }
  let statements = 0;
  const { query } = pg.Client.prototype;
  t.mock.method(pg.Client.prototype, "query", function (this: pg.Client, ...args: never) {
    statements++;
    return (query as (...args: never) => unknown).apply(this, args);
  });
  const count = async (first: number) => {
    statements = 0;
    const { data, errors } = await api.query(QUERY, { first });
    assert.deepEqual(errors, []);
    assert.equal(data.workflows.nodes.length, first);
    assert.equal(data.workflows.nodes[0].executions.nodes[0].steps.nodes.length, 4);
    return statements;
  };
  await count(1);
  const one = await count(1);
  assert.ok(one > 5, "the counter counts");
  assert.equal(await count(12), one);
});
