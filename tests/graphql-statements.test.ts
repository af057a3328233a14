import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { after, before, mock, test } from "node:test";
import pg from "pg";
import { currentDeadline } from "../engine/runtime/deadline.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

let api: TestApi;
before(async () => {
  api = await testApi();
});
after(() => api.close());

const QUERY = `query ($first: Int!) {
  workflows(first: $first) { totalCount nodes {
    name definition template { name usage { executions } } versions(first: 3) { totalCount nodes { number } }
    executions(first: 5, status: [COMPLETED]) { totalCount nodes {
      status result workflow { name } workflowVersion { number }
      forkedFrom { id } waitingOn { kind step { name } }
      steps(first: 10) { totalCount nodes { name parent { name } execution { id } attempts { number } } }
      events(first: 3) { nodes { seq step { name } } }
    } }
  } }
}`;

const LISTS = `query ($first: Int!) {
  templates(first: $first) { totalCount nodes { name parameters usage { executions successRate } } }
  files(first: $first) { totalCount nodes { filename extractedContent source { filename } } }
}`;

let statements = 0;
before(() => {
  // The ORM may have a copy of its own.
  const ofOrm = createRequire(import.meta.resolve("@mikro-orm/postgresql"))("pg") as typeof pg;
  for (const { prototype } of new Set([pg.Client, ofOrm.Client])) {
    const { query } = prototype;
    mock.method(prototype, "query", function (this: pg.Client, ...args: never) {
      // Beats and clocks of the service go on beside, and a key is read again each second.
      const isOfRequest = currentDeadline() !== undefined && !JSON.stringify(args[0]).includes("api_key");
      if (isOfRequest) statements++;
      return (query as (...args: never) => unknown).apply(this, args);
    });
  }
});
after(() => mock.restoreAll());

test("a query of many levels takes the same number of statements whatever the size of its page", async () => {
  for (let i = 0; i < 12; i++) {
    const log = (name: string) => ({ name, type: "log", config: { message: name } });
    const { id, workflowId } = await api.t.start([log("a"), { ...log("b"), for_each: { items: [1, 2] } }]);
    await api.t.finished(id);
    const again = await api.t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {} });
    await api.t.finished(again.id);
  }
  const count = async (first: number) => {
    statements = 0;
    const { data, errors } = await api.query(QUERY, { first });
    assert.deepEqual(errors, []);
    assert.equal(data.workflows.nodes.length, first);
    assert.equal(data.workflows.nodes[0].executions.nodes[0].steps.nodes.length, 4);
    return statements;
  };
  // Versions of workflows never change: they are read once, and kept.
  await count(12);
  const one = await count(1);
  assert.ok(one > 5, "the counter counts");
  assert.equal(await count(12), one);
});

test("lists of templates and files take the same number of statements whatever the size of their page", async () => {
  for (let i = 0; i < 12; i++) {
    const upload = { tenantId: TENANT, filename: `${i}.csv` };
    const { id } = await api.t.engine.files.upload(Readable.from(["a,b\n1,2\n"]), upload);
    await api.t.engine.files.convert(TENANT, id, { target: "json" });
    await api.t.engine.templates.create(TENANT, { name: `template ${i}`, template_config: { steps: [] } });
  }
  const count = async (first: number) => {
    statements = 0;
    const { data, errors } = await api.query(LISTS, { first });
    assert.deepEqual(errors, []);
    assert.deepEqual([data.templates.nodes.length, data.files.nodes.length], [first, first]);
    assert.ok(data.files.nodes[0].source);
    return statements;
  };
  await count(1);
  assert.equal(await count(12), await count(1));
});

test("a list is counted only where totalCount is selected", async () => {
  const count = async (selection: string) => {
    statements = 0;
    const lists = ["workflows", "executions", "templates", "files"].map((list) => `${list} { ${selection} }`);
    const { errors } = await api.query(`{ ${lists.join(" ")} }`);
    assert.deepEqual(errors, []);
    return statements;
  };
  await count("nodes { id }");
  const without = await count("nodes { id }");
  assert.equal(await count("totalCount nodes { id }"), without + 4);
});
