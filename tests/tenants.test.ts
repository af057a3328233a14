import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import type { GraphQLSchema } from "graphql";
import { createClient } from "graphql-ws";
import type pg from "pg";
import { WebSocket } from "ws";
import { tenantNamed } from "../engine/model/tenant.ts";
import { createSagaSchema, createSchema } from "../schema/index.ts";
import { collect, type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";
import { ForeignIds, type OpenApi, type OwnedThings } from "./support/foreign-ids.ts";
import { type SagaApi, sagaApi } from "./support/saga-api.ts";

const STRANGER = tenantNamed("stranger");

/**
 * Walks every route and every field that takes an id, with the ids of another tenant. The walk is made from the OpenAPI
 * document and the GraphQL schema: a route or field that is added is walked too, and one whose ids are not known here
 * fails.
 */
interface Port {
  readonly address: string;
  readonly pool: pg.Pool;
  readonly owner: string;
  readonly stranger: string;
  /** Another key of the stranger: the audit log keeps thirty refusals of a key in a minute. */
  another(): Promise<string>;
  readonly ids: ForeignIds;
}

describe("the API", () => {
  let api: TestApi;
  let port: Port;
  before(async () => {
    api = await testApi({ rateLimits: false });
    const another = () => api.keyFor(STRANGER, "read", "write", "execute", "admin");
    const ids = new ForeignIds(await thingsOf(api));
    const stranger = await another();
    port = { address: api.address, pool: api.t.pool, owner: api.secret, stranger, another, ids };
  });
  after(() => api.close());
  walk(() => port, createSchema(), { rest: 20, query: 20, mutation: 25, subscription: 1 });
});

describe("the saga orchestrator", () => {
  let api: SagaApi;
  let port: Port;
  before(async () => {
    api = await sagaApi();
    const saga = await api.run([{ name: "a", type: "log", config: { message: "x" } }]);
    await api.finished(saga);
    await api.heard(1, ["saga.completed"]);
    const published = { event_type: "order.paid", aggregate_id: "7", aggregate_type: "order", data: {} };
    const { stream_id } = (await api.rest("POST", "/api/v1/events/publish", published)).body;
    const ids = new ForeignIds(
      {
        saga: { type: "Saga", rest: saga, node: saga },
        // A type has a name of its tenant's own choice, and no id.
        name: { type: "SagaType", rest: "type_1", node: "type_1" },
        stream: { type: "DomainEvent", rest: stream_id, node: stream_id },
      },
      ["correlation", "causation", "aggregate", "tenant"],
    );
    const another = () => api.keyFor(STRANGER, "read", "write", "execute", "admin");
    const stranger = await another();
    port = { address: api.address, pool: api.t.pool, owner: api.secret, stranger, another, ids };
  });
  after(() => api.close());
  walk(() => port, createSagaSchema(), { rest: 5, query: 1, mutation: 3, subscription: 1 });

  test("a saga of another tenant's workflow or execution cannot be started", async () => {
    const workflow = await api.t.engine.workflows.create(TENANT, {
      name: "mine",
      workflow_config: { steps: [{ name: "a", type: "log", config: { message: "x" } }] },
    });
    const execution = await api.t.engine.executions.start({
      tenantId: TENANT,
      workflowId: workflow.id,
      triggerData: {},
    });
    const start = async (input_data: object) => {
      const body = { saga_type: "workflow_execution", input_data };
      const headers = { authorization: `Bearer ${port.stranger}` };
      const answer = await api.rest("POST", "/api/v1/sagas/start", body, headers);
      return [answer.status, answer.body.error_code, answer.body.detail];
    };
    assert.deepEqual(await start({ workflow_id: workflow.id }), [404, "WORKFLOW_NOT_FOUND", "Workflow not found"]);
    assert.deepEqual(
      await start({ workflow_id: workflow.id, execution_id: execution.id }),
      await start({ workflow_id: 999_999, execution_id: 999_999 }),
      "as if there were none",
    );
    const { rows } = await port.pool.query("SELECT count(*)::int AS count FROM execution WHERE tenant_id = 'stranger'");
    assert.equal(rows[0].count, 0);
  });
});

/** `least`: fewer would mean that the walk misses its way. */
function walk(
  port: () => Port,
  schema: GraphQLSchema,
  least: Readonly<Record<"rest" | "query" | "mutation" | "subscription", number>>,
): void {
  test("every route that takes an id answers 404 to another tenant's, and changes nothing", async () => {
    const { address, pool, owner, another, ids } = port();
    const document = (await (await fetch(`${address}/openapi.json`)).json()) as OpenApi;
    const calls = ids.restCalls(document);
    assert.ok(calls.length >= least.rest, `${calls.length}`);
    const keys = await Promise.all(calls.map(another));
    const before = await snapshot(pool);
    const send = async ({ method, path, body }: (typeof calls)[number], key: string) => {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };
    for (const call of calls) {
      const { status, headers, text } = await send(call, keys.pop()!);
      const where = `${call.method} ${call.path} ${JSON.stringify(call.body)}: ${text}`;
      if (call.answers404) assert.equal(status, 404, where);
      if (status === 200) assert.ok(isEmptyList(JSON.parse(text)), where);
      else assert.match(JSON.parse(text).error_code, /_NOT_FOUND$/, where);
      if (call.method === "GET") continue;
      const entries = await refusalsOf(pool, headers.get("x-correlation-id"));
      assert.match(entries.join(), call.answers404 ? /_NOT_FOUND$/ : /^done$/, `${where} is in the audit log`);
    }
    assert.deepEqual(await snapshot(pool), before);
    for (const call of calls.filter(({ method }) => method === "GET")) {
      const { status, text } = await send(call, owner);
      const where = `${call.method} ${call.path} is there for its owner`;
      assert.notEqual(status, 404, where);
      if (!call.answers404) assert.ok(status === 200 && !isEmptyList(JSON.parse(text)), where);
    }
  });

  test("no field below the root takes an id: those that do would have to be walked too", () => {
    assert.deepEqual(port().ids.nestedFieldsWithIds(schema), []);
  });

  async function graphql(query: string, variables: object, key: string) {
    const response = await fetch(`${port().address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what was selected, whatever its shape.
    const { data, errors = [] } = (await response.json()) as any;
    return { data, errors, correlationId: response.headers.get("x-correlation-id") };
  }

  test("every query for another tenant's id finds nothing", async () => {
    const { ids, owner, stranger } = port();
    const operations = ids.graphqlCalls(schema.getQueryType()!, "query");
    assert.ok(operations.length >= least.query, `${operations.length}`);
    for (const { field, where, query, variables } of operations) {
      const { data, errors } = await graphql(query, variables, stranger);
      if (errors.length > 0) assert.match(errors[0].extensions.code, /_NOT_FOUND$/, `${where}: ${errors[0].message}`);
      else assert.ok(isNothing(data[field]), `${where}: ${JSON.stringify(data)}`);
      const own = await graphql(query, variables, owner);
      assert.deepEqual(own.errors, [], where);
      assert.ok(!isNothing(own.data[field]), `${where} is there for its owner`);
    }
  });

  test("every mutation of another tenant's id is refused as not found, changes nothing, and is on record", async () => {
    const { ids, pool, another } = port();
    const mutations = schema.getMutationType()!;
    const operations = ids.graphqlCalls(mutations, "mutation");
    assert.ok(operations.length >= least.mutation, `${operations.length}`);
    const keys = await Promise.all(operations.map(another));
    const before = await snapshot(pool);
    for (const { field, where, query, variables } of operations) {
      const { data, errors, correlationId } = await graphql(query, variables, keys.pop()!);
      assert.deepEqual(errors, [], where);
      const codes = data[field].userErrors.map(({ code }: { code: string }) => code);
      assert.match(codes.join(), /^\w+_NOT_FOUND$/, `${where} ${JSON.stringify(variables)}`);
      const changesNothing = mutations.getFields()[field]!.description!.endsWith("Scope: READ.");
      if (!changesNothing) assert.deepEqual(await refusalsOf(pool, correlationId), codes, `${where} is on record`);
    }
    assert.deepEqual(await snapshot(pool), before);
  });

  test("every subscription to another tenant's id is refused as not found", async (t) => {
    const { address, ids, stranger } = port();
    const client = createClient({
      url: `${address.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${stranger}` },
      retryAttempts: 0,
    });
    t.after(() => client.dispose());
    const operations = ids.graphqlCalls(schema.getSubscriptionType()!, "subscription");
    assert.ok(operations.length >= least.subscription, `${operations.length}`);
    for (const { where, query, variables } of operations) {
      const refused = await collect(client, { query, variables }).then(
        () => assert.fail(`${where} was not refused`),
        (errors: { extensions: { code: string } }[]) => errors[0]!.extensions.code,
      );
      assert.match(refused, /_NOT_FOUND$/, where);
    }
  });
}

/** One of each kind, the owner's. */
async function thingsOf({ t: { engine, pool, finished }, query }: TestApi): Promise<OwnedThings> {
  const bad = { name: "bad", type: "http_request", config: { url: "http://127.0.0.1:1/" }, retry: { max_attempts: 1 } };
  const made = await query(
    `mutation ($definition: JSONObject!) {
      createWorkflow(input: { name: "mine", definition: $definition }) { workflow { databaseId } } }`,
    { definition: { steps: [bad], webhooks: [{ url: "http://127.0.0.1:1/" }] } },
  );
  const workflow: number = made.data.createWorkflow.workflow.databaseId;
  const { id: execution } = await engine.executions.start({ tenantId: TENANT, workflowId: workflow, triggerData: {} });
  const { steps } = await finished(execution);
  const template = await engine.templates.create(TENANT, {
    name: "mine",
    category: "mine",
    template_config: { steps: [] },
    is_public: false,
  });
  const file = await engine.files.upload(Readable.from("hello"), { tenantId: TENANT, filename: "mine.txt" });
  const schedule = await engine.schedules.create(TENANT, { workflow_id: workflow, name: "mine", cron: "@yearly" });
  const { hook } = await engine.hooks.create(TENANT, { workflow_id: workflow, name: "mine" });
  const { key } = await engine.keys.create({ tenantId: TENANT, name: "mine", scopes: ["read"], expiresAt: null });
  const idIn = async (table: string): Promise<number> =>
    (await pool.query(`SELECT min(id)::int AS id FROM ${table} WHERE tenant_id = $1`, [TENANT])).rows[0].id;
  const thing = (type: string, prefix: string, id: number) => ({ type, rest: id, node: `${prefix}_${id}` });
  return {
    workflow: thing("Workflow", "wf", workflow),
    execution: thing("Execution", "ex", execution),
    step: thing("Step", "st", steps[0]!.id),
    template: thing("Template", "tpl", template.id),
    file: thing("File", "file", file.id),
    schedule: thing("Schedule", "sch", schedule.id),
    // Its token is no id: whoever knows it is meant to call it. Nobody's token is a 404 as well.
    hook: thing("Hook", "hook", hook.id),
    token: { type: "Hook", rest: "whk_of-nobody", node: `hook_${hook.id}` },
    webhookDelivery: thing("WebhookDelivery", "whd", await idIn("webhook_delivery")),
    apiKey: thing("ApiKey", "key", key.id),
    auditEntry: thing("AuditEntry", "aud", await idIn("audit_entry")),
  };
}

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || (value as { totalCount?: number }).totalCount === 0;
}

/** Of REST: a list, or an object with one. */
function isEmptyList(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  const lists = Object.values(value as object).filter((member) => Array.isArray(member));
  return lists.length > 0 && lists.every((list) => list.length === 0);
}

/** What the owner has, in every table. Deliveries go on by themselves. */
async function snapshot(pool: pg.Pool): Promise<Record<string, string>> {
  const tables = await pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE column_name = 'tenant_id' AND table_schema = 'public' AND table_name NOT IN ('audit_entry', 'webhook_delivery')`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables.rows) {
    const { rows } = await pool.query(
      `SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS hash FROM ${name} t WHERE tenant_id = $1`,
      [TENANT],
    );
    found[name] = rows[0].hash;
  }
  return found;
}

/** Why each change of a request was refused, as the audit log has it. */
async function refusalsOf(pool: pg.Pool, correlationId: string | null): Promise<string[]> {
  const { rows } = await pool.query("SELECT refused FROM audit_entry WHERE correlation_id = $1", [correlationId]);
  return rows.map(({ refused }) => refused ?? "done");
}
