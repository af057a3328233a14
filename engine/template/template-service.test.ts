import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import { DomainError } from "../model/errors.ts";
import { type TenantId, tenantNamed } from "../model/index.ts";
import type { JsonObject } from "../model/json.ts";
import { openDatabase } from "../store/database.ts";
import { builtInTemplates } from "./built-in/index.ts";

const CATEGORIES = tenantNamed("categories");

const OTHER = tenantNamed("other");
let t: TestEngine;
before(async () => {
  t = await testEngine();
});
after(() => t.close());

let made = 0;
const input = (rest: JsonObject = {}): JsonObject => ({
  name: `template ${++made}`,
  template_config: { steps: [{ name: "say", type: "log", config: { message: "{{text}}" } }] },
  ...rest,
});
const create = (rest: JsonObject = {}, tenant = TENANT) => t.engine.templates.create(tenant, input(rest));
const listed = async (query: JsonObject, tenant = TENANT) =>
  (await t.engine.templates.list(tenant, { page_size: 100, ...query })).templates.map(({ id }) => id);
const code = (expected: string, field?: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.code, expected, error.message);
  if (field !== undefined) assert.equal(error.field, field);
  return true;
};

test("the entities describe the migrated schema", async () => {
  const database = await openDatabase(t.options.databaseUrl);
  try {
    assert.equal(await database.orm.schema.getUpdateSchemaSQL({ safe: false }), "");
  } finally {
    await database.close();
  }
});

test("a fresh database has the built-in templates under their ids, oldest last", async () => {
  const { templates, total, page, pageSize } = await t.engine.templates.list(TENANT, {});
  assert.equal(page, 1);
  assert.equal(pageSize, 20);
  assert.equal(total, builtInTemplates.length);
  assert.deepEqual(
    templates.map(({ id }) => id).reverse(),
    builtInTemplates.map(({ id }) => id),
  );
  const [first] = templates.slice(-1);
  assert.deepEqual(
    {
      id: first?.id,
      name: first?.name,
      description: first?.description,
      category: first?.category,
      definition: first?.definition,
      trigger: first?.defaultTriggerConfig,
      isPublic: first?.isPublic,
      version: first?.version,
      usage: first?.usageCount,
    },
    {
      id: 1,
      name: "Simple HTTP Request",
      description: "Execute a simple HTTP request with optional data processing",
      category: "integration",
      definition: {
        steps: [{ name: "http_request", type: "http_request", config: { url: "", method: "GET", headers: {} } }],
      },
      trigger: { type: "manual", enabled: true },
      isPublic: true,
      version: "1.0.0",
      usage: 0,
    },
  );
});

test("another start changes no built-in template, and renews one that differs", async () => {
  const client = new pg.Client(t.options.databaseUrl);
  await client.connect();
  await client.query("UPDATE template SET name = 'old', usage_count = 7 WHERE id = 2");
  const stamp = "SELECT id, xmin::text, name, usage_count FROM template WHERE id <= 100 ORDER BY id";
  const before = (await client.query(stamp)).rows;
  await t.engine.templates.start();
  const after = (await client.query(stamp)).rows;
  assert.equal(after[1].name, builtInTemplates[1]?.name);
  assert.equal(after[1].usage_count, 7);
  for (const [index, row] of after.entries()) if (index !== 1) assert.deepEqual(row, before[index]);
  await client.query("UPDATE template SET usage_count = 0 WHERE id = 2");
  await client.end();
});

test("a template is created with its defaults and given back as it was sent", async () => {
  const sent = input({
    description: "d",
    category: "integration",
    default_trigger_config: { type: "schedule", enabled: false },
    default_cron_schedule: "0 9 * * 1",
    is_public: true,
    tags: "api, integration,,api",
  });
  const { id } = await t.engine.templates.create(TENANT, sent);
  assert.ok(id > 100);
  const template = await t.engine.templates.get(TENANT, id);
  assert.equal(JSON.stringify(template.definition), JSON.stringify(sent.template_config));
  assert.deepEqual(template.tags, ["api", "integration"]);
  assert.equal(template.version, "1.0.0");
  assert.equal(template.defaultCronSchedule, "0 9 * * 1");
  assert.equal(template.usageCount, 0);
  const bare = await create({ template_config: { steps: [] } });
  assert.deepEqual(
    [bare.description, bare.category, bare.defaultTriggerConfig, bare.defaultCronSchedule, bare.isPublic, bare.tags],
    [null, null, null, null, false, []],
  );
});

test("every broken rule of the fields and of the definition is named at once", async () => {
  const wrong = { name: "", tags: 5, wrong: 1, template_config: { steps: [{ type: "lag" }] } };
  await assert.rejects(t.engine.templates.create(TENANT, wrong), (error: DomainError) => {
    assert.deepEqual(error.issues.map(({ path }) => path).sort(), [
      "name",
      "tags",
      "template_config.steps[0].type",
      "wrong",
    ]);
    return true;
  });
  await assert.rejects(t.engine.templates.create(TENANT, { name: "x" }), code("VALIDATION_FAILED", "template_config"));
  await assert.rejects(create({ default_cron_schedule: "soon" }), code("INVALID_CRON"));
});

test("a deep or hostile object is refused, not walked through", async () => {
  const deep = JSON.parse(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`);
  await assert.rejects(create({ default_trigger_config: deep }), code("VALIDATION_FAILED"));
  const request = { template_id: 1, workflow_name: "deep" };
  await assert.rejects(
    t.engine.templates.createWorkflow(TENANT, { ...request, custom_config: deep }),
    code("VALIDATION_FAILED"),
  );
  const proto = JSON.parse('{"steps":[{"name":"http_request","config":{"__proto__":{"url":"x"}}}]}');
  await assert.rejects(
    t.engine.templates.createWorkflow(TENANT, { ...request, custom_config: proto }),
    code("VALIDATION_FAILED"),
  );
});

test("a name is unique in its tenant", async () => {
  const { name, id } = await create();
  await assert.rejects(t.engine.templates.create(TENANT, input({ name })), code("NAME_TAKEN", "name"));
  await t.engine.templates.create(OTHER, input({ name }));
  const second = await create();
  await assert.rejects(t.engine.templates.update(TENANT, second.id, { name }), code("NAME_TAKEN", "name"));
  assert.equal((await t.engine.templates.update(TENANT, id, { name })).name, name);
});

test("an update changes what it names and null clears", async () => {
  const { id, definition } = await create({
    description: "d",
    category: "c",
    tags: "a",
    default_cron_schedule: "0 9 * * *",
  });
  const patched = await t.engine.templates.update(TENANT, id, { description: null, version: "2.0.0" });
  assert.deepEqual([patched.description, patched.category, patched.version], [null, "c", "2.0.0"]);
  await t.engine.templates.update(TENANT, id, { tags: null, category: null, default_cron_schedule: null });
  const read = await t.engine.templates.get(TENANT, id);
  assert.deepEqual([read.tags, read.category, read.defaultCronSchedule], [[], null, null]);
  assert.deepEqual(read.definition, definition);
  const broken = { template_config: { steps: [{ type: "log", config: { colour: 1 } }] }, name: null };
  await assert.rejects(
    t.engine.templates.update(TENANT, id, broken),
    (error: DomainError) => error.issues.length === 2,
  );
});

test("others see a public template and cannot change it; a private one is not there for them", async () => {
  const open = await create({ is_public: true });
  const hidden = await create();
  assert.equal((await t.engine.templates.get(OTHER, open.id)).id, open.id);
  for (const { id } of [open, hidden]) {
    await assert.rejects(t.engine.templates.update(OTHER, id, { version: "9" }), code("TEMPLATE_NOT_FOUND"));
    await assert.rejects(t.engine.templates.remove(OTHER, id), code("TEMPLATE_NOT_FOUND"));
  }
  await assert.rejects(t.engine.templates.get(OTHER, hidden.id), code("TEMPLATE_NOT_FOUND", "template_id"));
  await assert.rejects(t.engine.templates.usageStats(OTHER, hidden.id), code("TEMPLATE_NOT_FOUND"));
  const request = { template_id: hidden.id, workflow_name: "stolen" };
  await assert.rejects(t.engine.templates.createWorkflow(OTHER, request), code("TEMPLATE_NOT_FOUND"));
  assert.equal((await t.engine.templates.byIds(OTHER, [open.id, hidden.id])).size, 1);
  for (const query of [{ public_only: false }, {}]) {
    const ids = await listed(query, OTHER);
    assert.ok(ids.includes(open.id) && !ids.includes(hidden.id));
  }
  assert.ok((await listed({ public_only: false })).includes(hidden.id));
  assert.ok(!(await listed({})).includes(hidden.id));
});

test("a built-in template cannot be changed or removed", async () => {
  await assert.rejects(t.engine.templates.update(TENANT, 1, { version: "9" }), code("FORBIDDEN"));
  await assert.rejects(t.engine.templates.remove(TENANT, 1), code("FORBIDDEN"));
});

test("a removed template is gone, and its workflows stay", async () => {
  const { id } = await create();
  const request = { template_id: id, workflow_name: "stays", custom_config: { parameters: { text: "hi" } } };
  const workflow = await t.engine.templates.createWorkflow(TENANT, request);
  await t.engine.templates.remove(TENANT, id);
  await assert.rejects(t.engine.templates.get(TENANT, id), code("TEMPLATE_NOT_FOUND"));
  await assert.rejects(t.engine.templates.remove(TENANT, id), code("TEMPLATE_NOT_FOUND"));
  assert.equal((await t.engine.workflows.get(TENANT, workflow.id)).templateId, id);
});

test("filters narrow by category, tags and words, alone and together", async () => {
  const tenant = tenantNamed("filters");
  const a = await create({ name: "Nightly Export", category: "zeta", tags: "red,blue", is_public: true }, tenant);
  const b = await create({ name: "api.example.com pull", description: "Übersicht every night", tags: "red" }, tenant);
  const own = { public_only: false };
  assert.deepEqual(await listed({ ...own, category: "zeta" }, tenant), [a.id]);
  assert.deepEqual(await listed({ ...own, tags: "red" }, tenant), [b.id, a.id]);
  assert.deepEqual(await listed({ ...own, tags: "blue, red" }, tenant), [a.id]);
  assert.deepEqual(await listed({ ...own, search: "NIGHT" }, tenant), [b.id, a.id]);
  assert.deepEqual(await listed({ ...own, search: "example night" }, tenant), [b.id]);
  assert.deepEqual(await listed({ ...own, search: "übersicht" }, tenant), [b.id]);
  assert.deepEqual(await listed({ ...own, search: "night", tags: "red", category: "zeta" }, tenant), [a.id]);
  assert.deepEqual(await listed({ ...own, search: "!!!" }, tenant), []);
  for (const search of ["' & |", "a:*b", "\\", "x | !y", "<->"]) await listed({ ...own, search }, tenant);
  assert.deepEqual(await listed({ search: " ", category: "zeta" }, tenant), [a.id]);
});

test("pages by number and by cursor give each template once, newest first", async () => {
  const tenant = tenantNamed("pages");
  const ids: number[] = [];
  for (let i = 0; i < 7; i++) ids.unshift((await create({ is_public: i % 2 === 0, category: "paging" }, tenant)).id);
  const filter = { category: "paging", public_only: false };
  const numbered: number[] = [];
  for (let page = 1; page <= 4; page++) {
    const answer = await t.engine.templates.list(tenant, { ...filter, page, page_size: 2 });
    assert.equal(answer.total, 7);
    numbered.push(...answer.templates.map(({ id }) => id));
  }
  assert.deepEqual(numbered, ids);
  const cursored: number[] = [];
  for (let after: number | null = null, more = true; more; ) {
    const answer = await t.engine.templates.window(tenant, filter, { limit: 3, after, before: null, fromEnd: false });
    cursored.push(...answer.items.map(({ id }) => id));
    after = cursored.at(-1)!;
    more = answer.hasMore;
  }
  assert.deepEqual(cursored, ids);
  const last = await t.engine.templates.window(tenant, filter, { limit: 2, after: null, before: null, fromEnd: true });
  assert.deepEqual(
    last.items.map(({ id }) => id),
    ids.slice(-2),
  );
  assert.equal(await t.engine.templates.count(tenant, filter), 7);
  for (const query of [{ page: 0 }, { page_size: 101 }, { page: 101, page_size: 100 }, { page: 1.5 }, { colour: 1 }]) {
    await assert.rejects(t.engine.templates.list(tenant, query), code("VALIDATION_FAILED"));
  }
});

test("categories are those that the tenant sees, counted, with names to show", async () => {
  await create({ category: "own-private-kind" }, CATEGORIES);
  await create({ category: "own-private-kind", is_public: true }, CATEGORIES);
  await create({ category: "hidden" }, OTHER);
  const categories = await t.engine.templates.categories(CATEGORIES);
  const of = (name: string) => categories.find((category) => category.name === name);
  assert.deepEqual(of("own-private-kind"), {
    name: "own-private-kind",
    count: 2,
    displayName: "Own Private Kind",
  });
  assert.equal(of("hidden"), undefined);
  assert.equal(of("file-processing")?.displayName, "File Processing");
  const names = categories.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of ["integration", "file-processing", "sync", "automation", "notification"])
    assert.ok(names.includes(name));
});

test("a workflow takes what the request leaves open from its template", async () => {
  const { id } = await create({
    description: "of the template",
    default_trigger_config: { type: "schedule", enabled: false, options: { a: 1 } },
    default_cron_schedule: "0 9 * * 1",
  });
  const custom_config = { parameters: { text: "hello" } };
  const base = { template_id: id, custom_config };
  const plain = await t.engine.templates.createWorkflow(TENANT, { ...base, workflow_name: "plain" });
  assert.deepEqual(
    [plain.description, plain.cronSchedule, plain.isScheduled, plain.triggerOnFileUpload, plain.templateId],
    ["of the template", "0 9 * * 1", false, false, id],
  );
  assert.deepEqual(plain.triggerConfig, { type: "schedule", enabled: false, options: { a: 1 } });
  assert.deepEqual(plain.definition, { steps: [{ name: "say", type: "log", config: { message: "hello" } }] });
  const custom = await t.engine.templates.createWorkflow(TENANT, {
    ...base,
    workflow_name: "custom",
    workflow_description: null,
    custom_trigger_config: { enabled: true, options: { b: 2 } },
    cron_schedule: null,
    trigger_on_file_upload: true,
  });
  assert.deepEqual([custom.description, custom.cronSchedule, custom.triggerOnFileUpload], [null, null, true]);
  assert.deepEqual(custom.triggerConfig, { type: "schedule", enabled: true, options: { a: 1, b: 2 } });
  assert.equal((await t.engine.templates.get(TENANT, id)).usageCount, 2);
});

test("what is wrong with a workflow to be made is named, and nothing is made or counted", async () => {
  const { id } = await create();
  const attempt = (rest: JsonObject) =>
    t.engine.templates.createWorkflow(TENANT, { template_id: id, workflow_name: "w", ...rest });
  await assert.rejects(attempt({}), (error: DomainError) => {
    assert.equal(error.issues[0]?.path, "workflow_config.steps[0].config.message");
    assert.match(error.message, /"text"/);
    return true;
  });
  const wrong = { template_id: 1, workflow_name: "w", custom_config: { steps: [{ name: "nope" }] } };
  await assert.rejects(
    t.engine.templates.createWorkflow(TENANT, wrong),
    code("VALIDATION_FAILED", "custom_config.steps[0].name"),
  );
  await assert.rejects(
    t.engine.templates.createWorkflow(TENANT, { template_id: 1, workflow_name: "w" }),
    code("VALIDATION_FAILED", "workflow_config.steps[0].config.url"),
  );
  await assert.rejects(attempt({ custom_config: { steps: {} } }), code("VALIDATION_FAILED", "custom_config.steps"));
  const filled = { custom_config: { parameters: { text: "x" } } };
  await assert.rejects(attempt({ ...filled, cron_schedule: "soon" }), code("INVALID_CRON", "cron_schedule"));
  await assert.rejects(attempt({ ...filled, template_id: 99_999 }), code("TEMPLATE_NOT_FOUND", "template_id"));
  await assert.rejects(attempt({ ...filled, workflow_name: "" }), code("VALIDATION_FAILED", "workflow_name"));
  assert.equal((await t.engine.templates.get(TENANT, id)).usageCount, 0);
  await attempt(filled);
  await assert.rejects(attempt(filled), code("NAME_TAKEN", "workflow_name"));
  assert.equal((await t.engine.templates.get(TENANT, id)).usageCount, 1);
});

test("workflows made at the same time are all counted", async () => {
  const { id } = await create();
  await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      t.engine.templates.createWorkflow(TENANT, {
        template_id: id,
        workflow_name: `at once ${i}`,
        custom_config: { parameters: { text: i } },
      }),
    ),
  );
  assert.equal((await t.engine.templates.get(TENANT, id)).usageCount, 12);
});

test("usage statistics count the executions of the tenant's workflows made from the template", async () => {
  const { id } = await create({ is_public: true });
  const stats = () => t.engine.templates.usageStats(TENANT, id);
  assert.deepEqual(await stats(), {
    templateId: id,
    usageCount: 0,
    totalExecutions: 0,
    successfulExecutions: 0,
    failedExecutions: 0,
    successRate: 0,
    lastUsedAt: null,
  });
  const make = (tenant: TenantId, workflow_name: string, text: string) =>
    t.engine.templates.createWorkflow(tenant, {
      template_id: id,
      workflow_name,
      custom_config: { parameters: { text } },
    });
  const { id: workflowId, createdAt } = await make(TENANT, "counted", "{{trigger.text}}");
  const foreign = await make(OTHER, "not counted", "x");
  for (const triggerData of [{ text: "a" }, { text: "b" }, {}]) {
    const { id: executionId } = await t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData });
    await t.finished(executionId);
  }
  await t.engine.executions.start({ tenantId: OTHER, workflowId: foreign.id, triggerData: {} });
  const { lastUsedAt, ...rest } = await stats();
  assert.deepEqual(rest, {
    templateId: id,
    usageCount: 2,
    totalExecutions: 3,
    successfulExecutions: 2,
    failedExecutions: 1,
    successRate: 66.7,
  });
  assert.ok(lastUsedAt && lastUsedAt >= createdAt);
});
