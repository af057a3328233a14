import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { tenantNamed } from "../engine/model/tenant.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT, toAll } from "./support/engine.ts";

const OTHER = tenantNamed("other");

let api: TestApi;
let requests = 0;
const logged: string[] = [];
const startedAt = Date.now();
const minuteOf = (at: number) => Math.floor(at / 60_000);
const SECRET = "swordfish-of-the-sea";
before(async () => {
  api = await testApi({
    rateLimits: false,
    environment: toAll({ API_TOKEN: SECRET }),
    log: (_level, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
  });
});
after(() => api.close());

const FIELDS = "id at actor action target correlationId refused before after";
const definition = (message: string) => ({ steps: [{ name: "a", type: "log", config: { message } }] });

/** The entries of one request, oldest first. */
async function entriesOf(correlationId: string, filter: object = {}, secret?: string) {
  const query = `query ($filter: AuditFilter) { auditEntries(filter: $filter, last: 100) { nodes { ${FIELDS} } } }`;
  const { data, errors } = await api.query(query, { filter: { correlationId, ...filter } }, secret);
  assert.deepEqual(errors, []);
  return data.auditEntries.nodes.reverse();
}
async function rest(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const correlationId = `request-${++requests}`;
  const answer = await api.rest(method, path, body, { "x-correlation-id": correlationId, ...headers });
  return { ...answer, correlationId };
}
async function graphql(query: string, variables: object = {}, secret?: string) {
  const answer = await api.query(query, variables, secret);
  return { ...answer, correlationId: answer.headers.get("x-correlation-id")! };
}
const workflow = (message = "hi") =>
  rest("POST", "/api/v1/workflows", { name: `audited ${++requests}`, workflow_config: definition(message) });

describe("a change", () => {
  test("over REST tells who, what, to what, and the state before and after", async () => {
    const made = await workflow();
    const [created, ...more] = await entriesOf(made.correlationId);
    assert.equal(more.length, 0, "one entry a change");
    const { body } = made;
    assert.match(created.actor, /^key:\d+$/);
    assert.deepEqual(
      [created.action, created.target, created.refused],
      ["workflow.create", `workflow:${body.id}`, null],
    );
    assert.deepEqual([created.before, created.after.name], [null, body.name]);

    const renamed = await rest("PUT", `/api/v1/workflows/${body.id}`, { name: `${body.name} again` });
    const [changed] = await entriesOf(renamed.correlationId);
    assert.deepEqual(
      [changed.action, changed.before.name, changed.after.name],
      ["workflow.update", body.name, `${body.name} again`],
    );
    const gone = await rest("DELETE", `/api/v1/workflows/${body.id}`);
    const [deleted] = await entriesOf(gone.correlationId);
    assert.deepEqual(
      [deleted.action, deleted.before.name, deleted.after],
      ["workflow.delete", `${body.name} again`, null],
    );
  });

  test("over GraphQL leaves the same kind of entry, whatever number of them one request makes", async () => {
    const { correlationId, data } = await graphql(
      `mutation ($definition: JSONObject!) {
        one: createWorkflow(input: { name: "first of two", definition: $definition }) { workflow { databaseId } }
        two: createWorkflow(input: { name: "second of two", definition: $definition }) { workflow { databaseId } } }`,
      { definition: definition("x") },
    );
    const entries = await entriesOf(correlationId);
    assert.deepEqual(
      entries.map(({ action, target }: Record<string, string>) => `${action} ${target}`),
      [data.one, data.two].map(({ workflow }) => `workflow.create workflow:${workflow.databaseId}`),
    );
  });

  test("of keys and hooks never holds their secrets, nor do values of variables and secret fields", async () => {
    const made = await workflow();
    const key = await graphql(
      `mutation { createApiKey(input: { name: "ci", scopes: [READ] }) { apiKey { id } secret } }`,
    );
    const rotated = await graphql(`mutation ($id: ID!) { rotateApiKey(input: { apiKeyId: $id }) { secret } }`, {
      id: key.data.createApiKey.apiKey.id,
    });
    const hook = await graphql(
      `mutation ($id: ID!) { createHook(input: { workflowId: $id, name: "h" }) { token secret } }`,
      { id: String(made.body.id) },
    );
    const call = await rest("POST", "/api/v1/workflows", {
      name: "with secrets",
      workflow_config: {
        steps: [
          {
            name: "call",
            type: "http_request",
            config: { url: `https://a.example/${SECRET}`, headers: { Authorization: "Bearer hush-hush" } },
          },
        ],
      },
    });
    assert.equal(call.status, 200, JSON.stringify(call.body));
    const text = JSON.stringify(
      await Promise.all([key, rotated, hook, call].map(({ correlationId }) => entriesOf(correlationId))),
    );
    const { createApiKey } = key.data;
    const { token, secret } = hook.data.createHook;
    for (const hidden of [createApiKey.secret, rotated.data.rotateApiKey.secret, token, secret, SECRET, "hush-hush"]) {
      assert.ok(!text.includes(hidden), hidden);
    }
    assert.match(text, /api_key\.rotate.*hook\.create.*with secrets/);
  });

  test("that starts an execution names it; what a workflow or a schedule starts by itself leaves none", async () => {
    const made = await workflow();
    const start = await rest("POST", `/api/v1/workflows/${made.body.id}/execute`, { trigger_data: { password: "x" } });
    // The answer does not wait for this entry: the execution is its own record.
    let entries = await entriesOf(start.correlationId);
    while (entries.length === 0) entries = await entriesOf(start.correlationId);
    assert.equal(entries.length, 1);
    const [entry] = entries;
    assert.deepEqual([entry.action, entry.target], ["execution.start", `execution:${start.body.execution_id}`]);
    assert.equal(entry.after.workflowId, made.body.id);
  });

  test("that is refused tells why, and what was asked for", async () => {
    const made = await workflow();
    const taken = await rest("POST", "/api/v1/workflows", {
      name: made.body.name,
      workflow_config: definition("x"),
    });
    const [entry] = await entriesOf(taken.correlationId);
    assert.deepEqual(
      [entry.action, entry.refused, entry.after.name],
      ["workflow.create", "NAME_TAKEN", made.body.name],
    );
  });

  test("that no service notes is recorded as the request that it was", async () => {
    const { correlationId } = await graphql(
      `mutation { deleteWorkflow(input: { workflowId: "nonsense" }) { userErrors { code } } }`,
    );
    const [entry] = await entriesOf(correlationId);
    assert.deepEqual(
      [entry.action, entry.refused, entry.after],
      ["mutation deleteWorkflow", "VALIDATION_FAILED", { workflowId: "nonsense" }],
    );
  });
});

describe("a refused access", () => {
  const nobodys = async (correlationId: string) =>
    entriesOf(correlationId, { nobodys: true }, await api.keyFor(tenantNamed("default"), "admin"));

  test("without a valid key is recorded on both faces, as nobody's", async () => {
    const bare = await rest("GET", "/api/v1/workflows", undefined, { authorization: "Bearer wrong" });
    assert.equal(bare.status, 401);
    const [entry] = await nobodys(bare.correlationId);
    assert.deepEqual(
      [entry.actor, entry.action, entry.refused, entry.target],
      ["anonymous", "GET /api/v1/workflows", "UNAUTHENTICATED", null],
    );
    const over = await graphql("{ workflows { nodes { id } } }", {}, "wrong");
    assert.equal(over.status, 401);
    assert.equal((await nobodys(over.correlationId))[0].refused, "UNAUTHENTICATED");
    await assert.rejects(async () => {
      for await (const _ of api.client({ authorization: "Bearer wrong" }).iterate({ query: "{ __typename }" }));
    });
    const { rows } = await api.t.pool.query("SELECT count(*)::int AS count FROM audit_entry WHERE tenant_id IS NULL");
    assert.equal(rows[0].count, 3);
  });

  test("for want of a scope is recorded on both faces, as the key's", async () => {
    const reader = await api.keyFor(TENANT, "read");
    const over = await rest("POST", "/api/v1/workflows", {}, { authorization: `Bearer ${reader}` });
    assert.equal(over.status, 403);
    const inGraphql = await graphql("{ apiKeys { totalCount } }", {}, reader);
    assert.equal(inGraphql.errors[0]?.extensions.code, "FORBIDDEN");
    const mutation = await graphql(
      `mutation { createApiKey(input: { name: "x", scopes: [ADMIN] }) { secret } }`,
      {},
      reader,
    );
    for (const [answer, action] of [
      [over, "POST /api/v1/workflows"],
      [inGraphql, "query apiKeys"],
      [mutation, "mutation createApiKey"],
    ] as const) {
      const entries = await entriesOf(answer.correlationId);
      assert.deepEqual(
        entries.map((entry: Record<string, string>) => [entry.action, entry.refused]),
        [[action, "FORBIDDEN"]],
      );
    }
  });

  test("to a hook is recorded for its tenant, when the token is one", async () => {
    const made = await workflow();
    const { data } = await graphql(
      `mutation ($id: ID!) { createHook(input: { workflowId: $id, name: "h" }) { hook { id } token } }`,
      { id: String(made.body.id) },
    );
    const { hook, token } = data.createHook;
    const unsigned = await rest("POST", `/hooks/${token}`, {}, { authorization: "" });
    const [entry] = await entriesOf(unsigned.correlationId);
    assert.deepEqual(
      [entry.actor, entry.action, entry.refused],
      [hook.id.replace("_", ":"), "hook.call", "SIGNATURE_INVALID"],
    );
    assert.ok(!JSON.stringify(entry).includes(token));
    const unknown = await rest("POST", "/hooks/whk_nothing", {}, { authorization: "" });
    assert.equal((await nobodys(unknown.correlationId))[0].refused, "HOOK_NOT_FOUND");
  });

  test("without a key cannot fill the log: so many a minute are kept", async () => {
    await Promise.all(
      Array.from({ length: 150 }, () => rest("GET", "/api/v1/workflows", undefined, { authorization: "Bearer wrong" })),
    );
    const minutes = minuteOf(Date.now()) - minuteOf(startedAt) + 1;
    const { rows } = await api.t.pool.query("SELECT count(*)::int AS count FROM audit_entry WHERE tenant_id IS NULL");
    assert.ok(rows[0].count >= 100 && rows[0].count <= 100 * minutes, `${rows[0].count} in ${minutes}`);
  });
});

describe("refusals of a key", () => {
  test("have thirty entries a minute, and one that counts the others", async () => {
    const reader = await api.keyFor(TENANT, "read");
    const { keyId } = (await api.t.engine.keys.authenticate(reader))!;
    await Promise.all(
      Array.from({ length: 100 }, () => rest("POST", "/api/v1/workflows", {}, { authorization: `Bearer ${reader}` })),
    );
    const own = async () => {
      const statement = "SELECT action, after FROM audit_entry WHERE actor = $1 ORDER BY id";
      return (await api.t.pool.query(statement, [`key:${keyId}`])).rows;
    };
    const minutes = minuteOf(Date.now()) - minuteOf(startedAt) + 1;
    const kept = (await own()).length;
    assert.ok(kept >= 30 && kept <= 31 * minutes, `${kept} in ${minutes}`);
  });
});

describe("the log", () => {
  test("is read page by page under each filter, by admins of the tenant only", async () => {
    const made = await workflow();
    const id = made.body.id;
    for (const name of ["b", "c", "d"]) await rest("PUT", `/api/v1/workflows/${id}`, { name: `${name} ${id}` });
    const query = `query ($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
      auditEntries(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id action at } } }`;
    const filter = { target: `workflow:${id}` };
    const page = async (args: object) => (await api.query(query, { filter, ...args })).data.auditEntries;
    const all = await page({ first: 10 });
    assert.deepEqual(
      all.nodes.map(({ action }: { action: string }) => action),
      ["workflow.update", "workflow.update", "workflow.update", "workflow.create"],
    );
    assert.equal(all.totalCount, 4);
    const first = await page({ first: 3 });
    const second = await page({ first: 3, after: first.pageInfo.endCursor });
    assert.deepEqual([...first.nodes, ...second.nodes], all.nodes);
    assert.deepEqual([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage], [true, false]);
    const back = await page({ last: 2, before: second.pageInfo.startCursor });
    assert.deepEqual(back.nodes, all.nodes.slice(1, 3));
    assert.equal((await page({ filter: { ...filter, action: "workflow.create" } })).totalCount, 1);
    assert.equal((await page({ filter: { ...filter, refused: true } })).totalCount, 0);
    assert.equal(
      (await page({ filter: { ...filter, since: all.nodes[0].at, until: "2099-01-01T00:00:00Z" } })).totalCount >= 1,
      true,
    );
    assert.equal((await page({ filter: { ...filter, until: "2020-01-01T00:00:00Z" } })).totalCount, 0);

    const nul = await api.query(query, { filter: { action: "a\0" } });
    assert.deepEqual(nul.errors[0]?.extensions.code, "VALIDATION_FAILED");

    const { data } = await api.query(`{ node(id: "${all.nodes[0].id}") { ... on AuditEntry { action } } }`);
    assert.equal(data.node.action, "workflow.update");
    const foreign = await api.query(query, { filter }, await api.keyFor(OTHER, "admin"));
    assert.equal(foreign.data.auditEntries.totalCount, 0);
    const unscoped = await api.query(query, {}, await api.keyFor(TENANT, "read", "write"));
    assert.equal(unscoped.errors[0]?.extensions.code, "FORBIDDEN");
    const curious = await api.query(query, { filter: { nobodys: true } }, await api.keyFor(OTHER, "admin"));
    assert.equal(curious.errors[0]?.extensions.code, "FORBIDDEN");
  });

  test("cannot be changed, nor emptied, and its retention is a month at least", async () => {
    await workflow();
    const { pool } = api.t;
    for (const statement of [
      "UPDATE audit_entry SET actor = 'nobody'",
      "DELETE FROM audit_entry",
      "SET stepwire.audit_retention = 'on'; DELETE FROM audit_entry",
      "TRUNCATE audit_entry",
    ]) {
      await assert.rejects(pool.query(statement), /append-only/, statement);
    }
    assert.equal(await api.t.engine.audit.purge(0), 0);
  });

  test("holds up nothing: an entry that cannot be stored goes to the service's log, and the request is answered", async (t) => {
    const { pool } = api.t;
    await pool.query("ALTER TABLE audit_entry RENAME TO audit_entry_gone");
    t.after(() => pool.query("ALTER TABLE IF EXISTS audit_entry_gone RENAME TO audit_entry"));
    const made = await workflow();
    assert.equal(made.status, 200);
    assert.ok(logged.some((line) => line.startsWith("AUDIT ENTRY NOT STORED") && line.includes("workflow.create")));
    await pool.query("ALTER TABLE audit_entry_gone RENAME TO audit_entry");
    assert.equal((await workflow()).status, 200);
  });
});
