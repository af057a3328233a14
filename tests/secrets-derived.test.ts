import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { EVERY_TENANT } from "../engine/definition/environments.ts";
import { DEFAULT_TENANT, type TenantId, tenantNamed } from "../engine/model/tenant.ts";
import { collect, testApi } from "./support/api.ts";
import { TENANT, type TestEngine, testEngine, toAll } from "./support/engine.ts";

const ACME = tenantNamed("acme");
const OTHER = tenantNamed("other");

const SECRET = "Hunter2-Swordfish-Value";
const TOKEN = "tok_8c1f0a9e-Fetched";
const LITERAL = "literal-key-4711";
const BASIC = Buffer.from(`user:${SECRET}`).toString("base64");
/** Whatever the workflows below make of the two: none of it may be found anywhere. */
const derived = [
  SECRET,
  SECRET.toUpperCase(),
  SECRET.toLowerCase(),
  SECRET.slice(2, 11),
  [...SECRET].reverse().join(""),
  JSON.stringify([...SECRET]),
  BASIC,
  Buffer.from(SECRET).toString("base64"),
  TOKEN,
  TOKEN.toUpperCase(),
  [...TOKEN].reverse().join(""),
];
const environment = toAll({ SECRET });

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Gives a token, echoes what it is sent, and says no to /fail. */
async function upstream(context: TestContext): Promise<{ origin: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const call = { path: request.url ?? "", headers: request.headers, body: await text(request) };
    calls.push(call);
    const answer = call.path === "/login" ? { access_token: TOKEN, token_type: "Bearer" } : call;
    response.writeHead(call.path === "/fail" ? 422 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

const transform = (name: string, source: string, expressions: Record<string, string>) => ({
  name,
  type: "data_transform",
  config: {
    source_data: { v: source },
    transformations: Object.entries(expressions).map(([key, expression]) => ({ type: "expression", key, expression })),
  },
});

function stepsOf(origin: string, child: number): object[] {
  return [
    { name: "login", type: "http_request", sensitive: true, config: { url: `${origin}/login` } },
    transform("auth", "{{env.SECRET}}", {
      upper: "$uppercase(v)",
      sub: "$substring(v, 2, 9)",
      split: "$split(v, '')",
      reversed: "$join($reverse($split(v, '')))",
    }),
    transform("bearer", "{{steps.login.json.access_token}}", { upper: "$uppercase(v)" }),
    { name: "passed_on", type: "data_transform", config: { transformations: [] } },
    {
      name: "dynamic",
      type: "data_transform",
      config: { source_data: "{{$lookup(steps, 'auth')}}", transformations: [] },
    },
    {
      name: "made",
      type: "http_request",
      config: {
        url: `${origin}/made/{{$lowercase(env.SECRET)}}`,
        method: "POST",
        headers: {
          Authorization: 'Basic {{$base64encode("user:" & env.SECRET)}}',
          "X-Mine": "{{steps.bearer.upper}}",
          "X-Api-Key": LITERAL,
        },
        data: { sub: "{{steps.auth.sub}}", plain: "{{trigger.order}}" },
      },
      compensate: {
        type: "http_request",
        config: {
          url: `${origin}/undo`,
          method: "POST",
          headers: { "X-Api-Key": "{{input.headers.`X-Api-Key`}}" },
          data: { sub: "{{input.data.sub}}", basic: "{{input.headers.Authorization}}", plain: "{{input.data.plain}}" },
        },
      },
    },
    { name: "say", type: "log", config: { message: "order {{trigger.order}}: {{steps.auth.reversed}}" } },
    {
      name: "tell",
      type: "notification",
      config: { type: "log", message: "{{$lowercase(env.SECRET)}} {{steps.login.json.access_token}}" },
    },
    {
      name: "choose",
      type: "conditional",
      config: {
        condition: "{{trigger.order}} > 1",
        true_action: {
          type: "data_transform",
          config: { source_data: "{{$uppercase(env.SECRET)}}", transformations: [] },
        },
      },
    },
    {
      ...transform("each", "{{env.SECRET}}", { all: "$uppercase(v)" }),
      for_each: { items: [1, 2] },
    },
    {
      name: "inner",
      type: "workflow",
      config: {
        workflow_id: child,
        trigger_data: { token: "{{steps.login.json.access_token}}", order: "{{trigger.order}}" },
      },
    },
    {
      name: "fail",
      type: "http_request",
      config: {
        url: `${origin}/fail`,
        method: "POST",
        data: { all: "{{steps.each[1].all}}", chosen: "{{steps.choose.output.result}}" },
      },
    },
  ];
}

function childSteps(origin: string): object[] {
  return [
    transform("up", "{{trigger.token}}", { reversed: "$join($reverse($split(v, '')))" }),
    {
      name: "use",
      type: "http_request",
      config: {
        url: `${origin}/child/{{trigger.order}}`,
        headers: { "X-Token": "{{trigger.token}}" },
        method: "POST",
        data: "{{steps.up}}",
      },
    },
  ];
}

function assertAbsent(where: string, value: unknown, needles: readonly string[] = derived): void {
  const all = JSON.stringify(value);
  assert.ok(all.length > 2, where);
  for (const needle of needles) {
    const found = [needle, JSON.stringify(needle).slice(1, -1), encodeURIComponent(needle)].find((one) =>
      all.includes(one),
    );
    const at = all.indexOf(found ?? "");
    assert.equal(found, undefined, `${where} holds it: ${all.slice(Math.max(at - 200, 0), at + 200)}`);
  }
}

/** Every row of every table, as text. */
async function dump(t: TestEngine): Promise<string[]> {
  const { rows: tables } = await t.pool.query(
    "SELECT format('%I', relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await t.pool.query(`SELECT t::text AS row FROM ${name} AS t`);
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return found;
}

test("what is made of a secret works where it is used, and is readable nowhere", async (context) => {
  const { origin, calls } = await upstream(context);
  const logged: unknown[] = [];
  const api = await testApi({ environment, log: (...line) => void logged.push(line) });
  context.after(() => api.close());
  const create = async (name: string, steps: object[]): Promise<number> => {
    const workflow_config = { steps, webhooks: [{ url: `${origin}/hook` }] };
    const { body } = await api.rest("POST", "/api/v1/workflows", { name, max_retries: 0, workflow_config });
    assert.ok(body.id, JSON.stringify(body));
    return body.id;
  };
  const child = await create("child", childSteps(origin));
  const id = await create("parent", stepsOf(origin, child));
  const { body: started } = await api.rest("POST", `/api/v1/workflows/${id}/execute`, { trigger_data: { order: 5 } });
  const selection = "type data step { name input output error { message details } attempts { error { message } } }";
  const events = await collect(api.client(), {
    query: `subscription { executionEvents(executionId: "ex_${started.execution_id}") { ${selection} } }`,
  });
  const { execution, byName } = await api.t.finished(started.execution_id);
  assert.deepEqual([execution.status, execution.error?.step], ["failed", "fail"], JSON.stringify(execution.error));

  const call = (path: string) => calls.find((one) => one.path.startsWith(path))!;
  assert.equal(call("/made").path, `/made/${SECRET.toLowerCase()}`);
  assert.equal(call("/made").headers.authorization, `Basic ${BASIC}`);
  assert.equal(call("/made").headers["x-mine"], TOKEN.toUpperCase());
  assert.deepEqual(JSON.parse(call("/made").body), { sub: SECRET.slice(2, 11), plain: 5 });
  assert.equal(call("/child/5").headers["x-token"], TOKEN);
  assert.deepEqual(JSON.parse(call("/child").body), { reversed: [...TOKEN].reverse().join("") });
  assert.deepEqual(JSON.parse(call("/fail").body), { all: SECRET.toUpperCase(), chosen: SECRET.toUpperCase() });
  assert.deepEqual(JSON.parse(call("/undo").body), { sub: SECRET.slice(2, 11), basic: `Basic ${BASIC}`, plain: 5 });
  assert.equal(call("/undo").headers["x-api-key"], LITERAL);

  for (const name of [
    "login",
    "auth",
    "bearer",
    "passed_on",
    "dynamic",
    "say",
    "choose",
    "choose[true]",
    "each",
    "each[0]",
  ]) {
    assert.equal(byName[name]?.output, "***", name);
    assert.ok(byName[name]?.sealed, `${name} is kept`);
  }
  assert.deepEqual(byName.made?.input, {
    url: `${origin}/made/***`,
    method: "POST",
    headers: { Authorization: "***", "X-Mine": "***", "X-Api-Key": "***" },
    data: { sub: "***", plain: 5 },
  });
  assert.equal((byName.say!.input as { message: string }).message, "order 5: ***");

  const childId = (byName.inner!.output as { execution_id: number }).execution_id;
  const { execution: childExecution, byName: childByName } = await api.t.finished(childId);
  assert.deepEqual(childExecution.triggerData, { token: "***", order: 5 });
  assert.equal(childByName.up?.output, "***");

  const { data: forked } = await api.query(
    `mutation { forkExecution(input: { executionId: "ex_${execution.id}", fromStep: "made", triggerDataPatch: { order: 6 } })
      { execution { id } userErrors { message } } }`,
  );
  assert.deepEqual(forked.forkExecution.userErrors, []);
  const forkId = Number(forked.forkExecution.execution.id.slice(3));
  const fork = await api.t.finished(forkId);
  assert.equal(fork.byName.auth?.output, "***");
  const [, again] = calls.filter(({ path }) => path === "/fail");
  assert.deepEqual(JSON.parse(again!.body), { all: SECRET.toUpperCase(), chosen: SECRET.toUpperCase() });

  const ids = [execution.id, childId, forkId];
  const paths = ids.flatMap((one) => ["", "/steps"].map((path) => `/api/v1/workflows/executions/${one}${path}`));
  const graphql = `{ ${ids.map((one) => `e${one}: execution(id: "ex_${one}") { triggerData result error { message details } steps { nodes { name input output error { message details } } } events { nodes { type data } } }`).join(" ")} }`;
  const answered = await api.query(graphql);
  assert.deepEqual(answered.errors, []);
  const simulated = await api.query(
    `{ simulate(input: { workflowId: "wf_${id}" }) { result steps { input output } logs { message } events { data } } }`,
  );
  assert.deepEqual(simulated.errors, []);
  assertAbsent("the database", await dump(api.t));
  assertAbsent("events", events);
  assertAbsent("the log", [logged, api.log]);
  assertAbsent(
    "REST",
    await Promise.all([...paths, `/api/v1/workflows/${id}/executions`].map((path) => api.rest("GET", path))),
  );
  assertAbsent("GraphQL", answered.data);
  assertAbsent("a simulation", [simulated.data, simulated.errors]);
  assertAbsent(
    "webhooks",
    calls.filter(({ path }) => path === "/hook"),
  );
  assertAbsent(
    "stored inputs",
    (await dump(api.t)).filter((row) => /^(execution|webhook|domain)/.test(row)),
    [LITERAL],
  );
  const sealed = /[0-9a-f]{12}\.[\w-]{40}/;
  assert.doesNotMatch(JSON.stringify([events, answered.data, calls.filter(({ path }) => path === "/hook")]), sealed);
});

test("secrets are opened again by whoever goes on with the execution, and with no other key", async (context) => {
  const { origin, calls } = await upstream(context);
  const t = await testEngine({ environment });
  context.after(() => t.close());
  const { id } = await t.start([
    { name: "login", type: "http_request", sensitive: true, config: { url: `${origin}/login` } },
    { name: "go", type: "wait_for_event", config: { event: "go" } },
    {
      name: "use",
      type: "http_request",
      config: { url: `${origin}/use`, headers: { "X-T": "{{steps.login.json.access_token}}" } },
    },
  ]);
  await t.reached(id, "step.waiting");
  await t.restart();
  await t.engine.executions.sendEvent(TENANT, id, { name: "go", correlation: null, data: null });
  const { execution } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.equal(calls.at(-1)?.headers["x-t"], TOKEN);
});

test("what looks like a kept secret is data like any other", async (context) => {
  const t = await testEngine({ environment });
  context.after(() => t.close());
  const { rows } = await t.pool.query("SELECT key_id FROM secret_key");
  const forged = { sealed: `${rows[0].key_id}.AAAA`, output: "***", $secret: "x" };
  const { id } = await t.start(
    [
      { name: "a", type: "data_transform", config: { source_data: "{{trigger}}", transformations: [] } },
      { name: "b", type: "data_transform", config: { source_data: "{{steps.a.result.sealed}}", transformations: [] } },
    ],
    { trigger: forged },
  );
  const { byName } = await t.finished(id);
  assert.deepEqual([byName.a?.output, byName.a?.sealed], [{ result: forged }, null]);
  assert.deepEqual(byName.b?.output, { result: forged.sealed });
});

test("why a step failed that computes with a secret is withheld", async (context) => {
  const { origin } = await upstream(context);
  const t = await testEngine({ environment });
  context.after(() => t.close());
  const fails: readonly object[] = [
    transform("x", "{{env.SECRET}}", { n: "$number($uppercase(v))" }),
    { name: "x", type: "http_request", config: { url: `${origin}/ok`, data: "{{$number($uppercase(env.SECRET))}}" } },
    {
      name: "x",
      type: "http_request",
      config: { url: `${origin}/fail`, data: "{{$uppercase(env.SECRET)}}", method: "POST" },
    },
    {
      name: "x",
      type: "http_request",
      sensitive: true,
      config: { url: `${origin}/fail`, method: "POST", data: { a: "an answer" } },
    },
  ];
  for (const step of fails) {
    const { id } = await t.start([step], { workflow: { max_retries: 0 } });
    const { execution, byName } = await t.finished(id);
    assert.equal(execution.status, "failed");
    assertAbsent(JSON.stringify(step), [execution, byName.x?.error], [...derived, "an answer"]);
  }
});

test("a tenant's definitions read what was granted to it, and no other's names, whichever way they come", async (context) => {
  const grants = new Map([
    [ACME, new Map([["ACME_KEY", "value-of-acme"]])],
    [EVERY_TENANT, new Map([["SHARED", "value-of-all"]])],
  ]);
  const { engine } = await testEngine({ environment: grants }).then((t) => {
    context.after(() => t.close());
    return t;
  });
  const config = (name: string) => ({ steps: [{ name: "a", type: "log", config: { message: `{{env.${name}}}` } }] });
  const issuesFor = async (tenant: TenantId, name: string) => {
    const create = engine.workflows.create(tenant, { name: `reads ${name} ${tenant}`, workflow_config: config(name) });
    const made = await create.then(
      () => [],
      (error) => error.issues,
    );
    assert.deepEqual(await engine.workflows.validate(tenant, config(name), 0), made);
    const template = engine.templates.create(tenant, {
      name: `reads ${name} ${tenant}`,
      template_config: config(name),
    });
    assert.equal(
      await template.then(
        () => 0,
        (error) => error.issues.length,
      ),
      made.length,
      "a template",
    );
    return made.map(({ message }: { message: string }) => message);
  };
  for (const tenant of [ACME, DEFAULT_TENANT, OTHER]) assert.deepEqual(await issuesFor(tenant, "SHARED"), [], tenant);
  assert.deepEqual(await issuesFor(ACME, "ACME_KEY"), []);
  const unknown = (name: string) => [
    `the expression {{env.${name}}} reads env.${name}, which is not on the allow-list`,
  ];
  for (const tenant of [DEFAULT_TENANT, OTHER]) {
    assert.deepEqual(await issuesFor(tenant, "ACME_KEY"), unknown("ACME_KEY"), tenant);
    assert.deepEqual(await issuesFor(tenant, "NO_SUCH_K"), unknown("NO_SUCH_K"), "in the same words");
  }
});
