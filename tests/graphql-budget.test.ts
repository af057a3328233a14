import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RateLimitClass } from "../engine/index.ts";
import { collect, type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

let api: TestApi;
before(async () => {
  api = await testApi({ rateLimits: true });
});
after(() => api.close());

const CREATE = `mutation ($name: String!) { createWorkflow(input: { name: $name, definition: { steps: [
  { name: "a", type: "log", config: { message: "hi" } } ] } }) { workflow { id } userErrors { code } } }`;

/** A key of its own, so that each test has whole budgets. */
async function newKey() {
  const secret = await api.keyFor(TENANT, "read", "write", "execute");
  const actor = await api.t.engine.keys.authenticate(secret);
  const spend = (limitClass: RateLimitClass, points: number) =>
    api.t.engine.rateLimiter.consume(String(actor!.keyId), new Map([[limitClass, points]]));
  return { secret, spend, query: (query: string, variables = {}) => api.query(query, variables, secret) };
}

describe("the budget of a key", () => {
  test("is one for GraphQL and REST, and is shown alike", async () => {
    const { secret, spend, query } = await newKey();
    await spend("workflow_creation", 48);
    const made = await query(CREATE, { name: "the last but one" });
    assert.deepEqual(made.errors, []);
    assert.equal(made.headers.get("x-ratelimit-limit"), "50");
    assert.equal(made.headers.get("x-ratelimit-remaining"), "1");
    const { cost } = made.extensions;
    assert.deepEqual([cost.requested, cost.limit], [7, 10_000]);
    const [{ resetAt, ...budget }] = cost.budgets;
    assert.deepEqual(budget, { class: "workflow_creation", spent: 1, remaining: 1, limit: 50 });
    assert.equal(Date.parse(resetAt), Number(made.headers.get("x-ratelimit-reset")) * 1000);

    const headers = { authorization: `Bearer ${secret}` };
    const body = {
      name: "the last",
      workflow_config: { steps: [{ name: "a", type: "log", config: { message: "x" } }] },
    };
    const last = await api.rest("POST", "/api/v1/workflows", body, headers);
    assert.deepEqual([last.status, last.headers.get("x-ratelimit-remaining")], [200, "0"]);

    const refused = await query(CREATE, { name: "one more" });
    assert.deepEqual([refused.status, refused.data], [429, undefined]);
    const { code, class: limitClass, retryAfter } = refused.errors[0]!.extensions;
    assert.deepEqual([code, limitClass], ["RATE_LIMITED", "workflow_creation"]);
    assert.ok(Number(retryAfter) >= 1 && Number(retryAfter) <= 60);
    assert.equal(refused.headers.get("retry-after"), String(retryAfter));
    assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
    assert.equal(refused.extensions.cost.budgets[0].spent, 0);
    assert.equal((await api.rest("POST", "/api/v1/workflows", body, headers)).status, 429);
    const { rows } = await api.t.pool.query("SELECT 1 FROM workflow WHERE name = 'one more'");
    assert.equal(rows.length, 0);
    assert.equal((await query("{ stepTypes { name } }")).status, 200, "what reading has is another budget");
  });

  test("is the same over WebSocket", async () => {
    const { secret, spend } = await newKey();
    await spend("monitoring", 499);
    const client = api.client({ authorization: `Bearer ${secret}` });
    const results: unknown[] = [];
    for await (const { extensions } of client.iterate<unknown, { cost: object }>({ query: "{ stepTypes { name } }" }))
      results.push(extensions?.cost);
    assert.partialDeepStrictEqual(results, [{ budgets: [{ class: "monitoring", spent: 1, remaining: 0 }] }]);
    await assert.rejects(
      collect(client, { query: "{ stepTypes { name } }" }),
      (errors: { extensions: Record<string, unknown> }[]) =>
        errors[0]?.extensions.code === "RATE_LIMITED" && Number(errors[0].extensions.retryAfter) > 0,
    );
  });

  test("pays for every root field, whatever it is called, and for every hundred objects", async () => {
    const { query } = await newKey();
    const spent = async (document: string) =>
      Object.fromEntries(
        (await query(document)).extensions.cost.budgets.map((one: { class: string; spent: number }) => [
          one.class,
          one.spent,
        ]),
      );
    const execute = 'executeWorkflow(input: { workflowId: "wf_1" }) { userErrors { code } }';
    const read = 'extractFileText(input: { fileId: "file_1" }) { userErrors { code } }';
    assert.deepEqual(await spent(`mutation { ${read} }`), { execution: 1 });
    assert.deepEqual(await spent(`mutation { a: ${execute} b: ${execute} c: ${execute} }`), { execution: 3 });
    assert.deepEqual(await spent(`mutation { a: ${execute} ...b } fragment b on Mutation { ${execute} }`), {
      execution: 2,
    });
    assert.deepEqual(await spent("{ stepTypes { name } templates { nodes { name } } }"), {
      monitoring: 1,
      templates: 1,
    });
    assert.deepEqual(await spent("{ executions(first: 20) { nodes { id steps(first: 5) { nodes { id } } } } }"), {
      monitoring: 2,
    });
    assert.deepEqual(await spent("{ __typename }"), { monitoring: 1 });
    assert.deepEqual(await spent("{ stepTypes @skip(if: true) { name } templates { pageInfo { endCursor } } }"), {
      templates: 1,
    });
  });

  test("pays for large arguments by what they hold, once for each field that takes them", async () => {
    const { query } = await newKey();
    const data = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]));
    const definition = { steps: [{ type: "log", config: { message: "a" } }], data };
    const validate = (names: readonly string[]) =>
      `query ($d: JSONObject!) { ${names.map((name) => `${name}: validateDefinition(definition: $d) { isValid }`).join(" ")} }`;
    const spent = async (names: readonly string[]) => {
      const { data, extensions } = await query(validate(names), { d: definition });
      assert.deepEqual(
        names.map((name) => data[name].isValid),
        names.map(() => true),
      );
      return extensions.cost.budgets[0].spent;
    };
    assert.deepEqual([await spent(["a"]), await spent(["a", "b"])], [6, 12]);
    const many = Array.from({ length: 29 }, (_, i) => `a${i}`);
    const [refusal] = (await query(validate(many), { d: definition })).errors;
    assert.partialDeepStrictEqual(refusal!.extensions, { code: "OPERATION_TOO_COMPLEX", limit: "cost" });
  });

  test("pays for all of an operation, or for none of it", async () => {
    const { spend, query } = await newKey();
    await spend("templates", 100);
    const budgetsOf = async (document: string) => (await query(document)).extensions.cost.budgets;
    const refused = await query("{ stepTypes { name } templates { nodes { name } } }");
    assert.deepEqual([refused.status, refused.errors[0]!.extensions.class], [429, "templates"]);
    assert.partialDeepStrictEqual(refused.extensions.cost.budgets, [
      { class: "monitoring", spent: 0, remaining: 500 },
      { class: "templates", spent: 0, remaining: 0 },
    ]);
    assert.partialDeepStrictEqual(await budgetsOf("{ stepTypes { name } }"), [{ spent: 1, remaining: 499 }]);
  });

  test("pays for a document that is refused, too", async () => {
    const { query } = await newKey();
    for (const [i, wrong] of [
      "{",
      "{ nothing }",
      "query a { stepTypes { name } } query b { stepTypes { name } }",
    ].entries()) {
      const { status, headers } = await query(wrong);
      assert.deepEqual([status, headers.get("x-ratelimit-remaining")], [400, String(499 - i)]);
    }
  });
});

describe("without introspection", () => {
  let closed: TestApi;
  before(async () => {
    closed = await testApi({}, { introspection: false });
  });
  after(() => closed.close());

  for (const [transport, ask] of [
    ["HTTP", async (query: string) => (await closed.query(query)).errors],
    [
      "WebSocket",
      (query: string) =>
        collect(closed.client(), { query }).then(
          () => [],
          (errors) => errors,
        ),
    ],
  ] as const) {
    test(`the schema is not told, nor hinted at, over ${transport}`, async () => {
      const [error] = await ask("{ __schema { types { name } } }");
      assert.equal(error!.extensions.code, "GRAPHQL_VALIDATION_FAILED");
      assert.equal((await ask("{ stepTyp { name } }"))[0]!.message, 'Cannot query field "stepTyp" on type "Query".');
      assert.deepEqual(await ask("{ __typename stepTypes { __typename } }"), []);
    });
  }
});

describe("what a call takes of its budget", () => {
  test("is asked before a scope is refused", async () => {
    const secret = await api.keyFor(TENANT, "read");
    const headers = { authorization: `Bearer ${secret}` };
    const statuses = new Map<number, number>();
    for (let i = 0; i < 60; i++) {
      const { status } = await api.rest("POST", "/api/v1/workflows", {}, headers);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    assert.deepEqual(
      [...statuses],
      [
        [403, 50],
        [429, 10],
      ],
    );
  });

  test("pays for what is done at once: a point for five executions", async () => {
    const { query } = await newKey();
    const RETRY = `mutation ($input: RetryExecutionsInput!) { retryExecutions(input: $input) { userErrors { code } } }`;
    const spent = async (document: string, variables = {}) =>
      (await query(document, variables)).extensions.cost.budgets.find(
        (one: { class: string }) => one.class === "execution",
      ).spent;
    assert.equal(await spent(RETRY, { input: { filter: {}, limit: 500, dryRun: true } }), 5, "to look is reading");
    assert.equal(await spent(RETRY, { input: { filter: {} } }), 20);
    assert.equal(
      await spent("mutation { cancelExecutions(input: { filter: {}, limit: 7 }) { userErrors { code } } }"),
      2,
    );
    const whole = await query(RETRY, { input: { filter: {}, limit: 1_000 } });
    assert.equal(whole.status, 429);
    assert.equal(await spent(RETRY, { input: { filter: {}, limit: 500 } }), 100, "what is remembered is by value");
  });

  test("pays for a backfill by what it starts", async () => {
    const { query, spend } = await newKey();
    const made = await query(CREATE, { name: "backfilled" });
    const { data } = await query(
      `mutation ($id: ID!) { createSchedule(input: { workflowId: $id, name: "each minute", cron: "* * * * *" }) { schedule { id } userErrors { message } } }`,
      { id: made.data.createWorkflow.workflow.id },
    );
    const { id } = data.createSchedule.schedule;
    const BACKFILL = `mutation ($input: BackfillScheduleInput!) { backfillSchedule(input: $input) { executionIds userErrors { code } } }`;
    const backfill = (minutes: number) =>
      query(BACKFILL, {
        input: {
          scheduleId: id,
          from: "2026-01-01T00:00:00Z",
          to: new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString(),
          max: 1_000,
        },
      });
    await spend("execution", 195);
    const refused = await backfill(59);
    assert.equal(refused.errors[0]?.extensions.code, "RATE_LIMITED", JSON.stringify(refused.errors));
    const { rows } = await api.t.pool.query("SELECT 1 FROM execution WHERE trigger_type = 'schedule'");
    assert.equal(rows.length, 0, "nothing was started");
    const fits = await backfill(9);
    assert.equal(fits.data.backfillSchedule.executionIds.length, 10, JSON.stringify(fits));
  });
});
