import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { StepError } from "../engine/model/step-error.ts";
import type { StepContext, StepType } from "../engine/model/step-type.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

const STRANGER = tenantNamed("stranger");

let api: TestApi;
before(async () => {
  api = await testApi({
    invoke: (type: StepType, config: unknown, context: StepContext) => {
      const { message } = config as { message?: string };
      if (message === "twice" && context.attempt === 1) throw new StepError("STEP_FAILED", "once \0 \ud83d");
      return type.run(config, context);
    },
  });
});
after(() => api.close());

const log = (name: string, message = name, rest: object = {}) => ({ name, type: "log", config: { message }, ...rest });

async function mutate(name: string, input: object, selection: string, secret = api.secret) {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code field message } } }`;
  const { data, errors } = await api.query(query, { input }, secret);
  return { ...data?.[name], errors };
}
const ask = async (query: string, variables: object = {}, secret = api.secret) => {
  const { data, errors } = await api.query(query, variables, secret);
  assert.deepEqual(errors, []);
  return data;
};

describe("templates", () => {
  const definition = { steps: [log("greet", "Hello {{name}}")] };
  let id: string;

  test("one is created, found by words, tags and category, changed, and read by its id", async () => {
    const input = { name: "Greeting", definition, category: "small-talk", tags: ["polite", "short"], isPublic: true };
    const { template, userErrors } = await mutate("createTemplate", input, "template { id parameters isBuiltIn tags }");
    assert.deepEqual(userErrors, []);
    id = template.id;
    assert.deepEqual(template, { id, parameters: ["name"], isBuiltIn: false, tags: ["polite", "short"] });
    for (const filter of [{ search: "greet" }, { category: "small-talk" }, { tags: ["short", "polite"] }]) {
      const found = await ask("query ($f: TemplateFilter) { templates(filter: $f) { totalCount nodes { id } } }", {
        f: filter,
      });
      assert.deepEqual(found.templates, { totalCount: 1, nodes: [{ id }] });
    }
    const changed = await mutate(
      "updateTemplate",
      { templateId: id, description: "Says hello", tags: null, isPublic: false },
      "template { description tags isPublic definition }",
    );
    assert.deepEqual(changed.template, { description: "Says hello", tags: [], isPublic: false, definition });
    const own = await ask('{ templates(filter: { publicOnly: true, search: "greeting" }) { nodes { id } } }');
    assert.deepEqual(own.templates.nodes, []);
    const { node } = await ask("query ($id: ID!) { node(id: $id) { id ... on Template { name } } }", { id });
    assert.deepEqual(node, { id, name: "Greeting" });
    const { templateCategories } = await ask("{ templateCategories { name displayName count } }");
    assert.deepEqual(
      templateCategories.find(({ name }: { name: string }) => name === "small-talk"),
      { name: "small-talk", displayName: "Small Talk", count: 1 },
    );
  });

  test("a workflow is made from one, with its parameters, and the use is counted", async () => {
    const make = (input: object) =>
      mutate(
        "createWorkflowFromTemplate",
        { templateId: id, ...input },
        "workflow { id definition template { id usageCount } }",
      );
    const open = await make({ workflowName: "greet nobody" });
    assert.equal(open.workflow, null);
    assert.deepEqual([open.userErrors[0].code, open.userErrors[0].field[0]], ["VALIDATION_FAILED", "definition"]);
    const { workflow } = await make({ workflowName: "greet Ada", customConfig: { parameters: { name: "Ada" } } });
    assert.deepEqual(workflow.definition.steps[0].config, { message: "Hello Ada" });
    assert.deepEqual(workflow.template, { id, usageCount: 1 });
    const taken = await make({ workflowName: "greet Ada", customConfig: { parameters: { name: "Ada" } } });
    assert.deepEqual([taken.userErrors[0].code, taken.userErrors[0].field], ["NAME_TAKEN", ["workflowName"]]);
    const start = await mutate("executeWorkflow", { workflowId: workflow.id }, "execution { databaseId }");
    await api.t.finished(start.execution.databaseId);
    const { template } = await ask(
      "query ($id: ID!) { template(id: $id) { usageCount usage { executions completed failed successRate } } }",
      { id },
    );
    assert.deepEqual(template, {
      usageCount: 1,
      usage: { executions: 1, completed: 1, failed: 0, successRate: 100 },
    });
  });

  test("what is wrong with one names its place, and a built-in or foreign one is nobody's to change", async () => {
    const bad = await mutate(
      "createTemplate",
      { name: "bad", definition: { steps: [{ name: "x", type: "nothing", config: {} }] }, tags: ["a,b"] },
      "template { id }",
    );
    assert.deepEqual(bad.userErrors[0].field, ["tags", "0"]);
    const typed = await mutate(
      "createTemplate",
      { name: "bad", definition: { steps: [{ name: "x", type: "nothing", config: {} }] } },
      "template { id }",
    );
    assert.deepEqual(typed.userErrors[0].field, ["definition", "steps", "0", "type"]);
    const builtIn = await mutate("updateTemplate", { templateId: "tpl_1", name: "mine" }, "template { id }");
    assert.equal(builtIn.errors[0].extensions.code, "FORBIDDEN");
    const stranger = await api.keyFor(STRANGER, "read", "write");
    const foreign = await mutate("deleteTemplate", { templateId: id }, "deletedTemplateId", stranger);
    assert.equal(foreign.userErrors[0].code, "TEMPLATE_NOT_FOUND");
    const seen = await ask("query ($id: ID!) { template(id: $id) { id } node(id: $id) { id } }", { id }, stranger);
    assert.deepEqual(seen, { template: null, node: null });
    const gone = await mutate("deleteTemplate", { templateId: id }, "deletedTemplateId");
    assert.equal(gone.deletedTemplateId, id);
  });

  test("a list goes on from its cursors in both directions", async () => {
    const page = async (args: string) => {
      const { templates } = await ask(
        `{ templates(${args}) { pageInfo { hasNextPage hasPreviousPage endCursor startCursor } nodes { databaseId } } }`,
      );
      return { ids: templates.nodes.map((node: { databaseId: number }) => node.databaseId), info: templates.pageInfo };
    };
    const first = await page("first: 2");
    const second = await page(`first: 2, after: "${first.info.endCursor}"`);
    const back = await page(`last: 2, before: "${second.info.startCursor}"`);
    assert.deepEqual(back.ids, first.ids);
    assert.ok(first.ids[1] > second.ids[0] && first.info.hasNextPage && second.info.hasPreviousPage);
    const { errors } = await api.query("{ templates(first: 101) { nodes { id } } }");
    assert.equal(errors[0]?.extensions.code, "VALIDATION_FAILED");
  });
});

describe("files", () => {
  const upload = (name: string, text: string) =>
    api.t.engine.files.upload(Readable.from([text]), { tenantId: TENANT, filename: name });

  test("one is read, processed, converted and deleted", async () => {
    const { id: number } = await upload("people.csv", "name,age\nAda,36\nAlan,41\n");
    const id = `file_${number}`;
    const { node } = await ask(
      "query ($id: ID!) { node(id: $id) { ... on File { filename mimeType sizeBytes status downloadUrl extractedContent } } }",
      { id },
    );
    assert.deepEqual(node, {
      filename: "people.csv",
      mimeType: "text/csv",
      sizeBytes: 24,
      status: "UPLOADED",
      downloadUrl: `/api/v1/files/${number}/download`,
      extractedContent: null,
    });
    const { text } = await mutate(
      "extractFileText",
      { fileId: id },
      "text { content wordCount isTruncated confidence }",
    );
    assert.ok(text.content.includes("Alan") && !text.isTruncated && text.confidence === null);
    const { file } = await mutate(
      "processFile",
      { fileId: id },
      "file { status extractedContent metadata processedAt }",
    );
    assert.equal(file.status, "PROCESSED");
    assert.ok(file.extractedContent.includes("Ada") && file.processedAt && file.metadata.row_count === 2);
    const converted = await mutate(
      "convertFile",
      { fileId: id, target: "JSON" },
      "file { id extension source { id } }",
    );
    assert.deepEqual([converted.file.extension, converted.file.source], ["json", { id }]);
    const list = "query ($s: [FileStatus!]) { files(filter: { status: $s }) { totalCount nodes { id status } } }";
    assert.deepEqual((await ask(list, { s: ["PROCESSED"] })).files, {
      totalCount: 1,
      nodes: [{ id, status: "PROCESSED" }],
    });
    assert.equal((await ask(list)).files.totalCount, 2);
    assert.equal((await mutate("deleteFile", { fileId: id }, "deletedFileId")).deletedFileId, id);
    assert.equal((await ask("query ($id: ID!) { file(id: $id) { id } }", { id })).file, null);
    assert.deepEqual((await ask(list, { s: ["DELETED"] })).files.nodes, [{ id, status: "DELETED" }]);
    const again = await mutate("processFile", { fileId: id }, "file { id }");
    assert.equal(again.userErrors[0].code, "FILE_NOT_FOUND");
  });

  test("a key that may only read finds the text, which changes nothing; what is kept is given as it is kept", async () => {
    const reader = await api.keyFor(TENANT, "read");
    const { id } = await upload("words.txt", "three short words");
    const counts = "text { content isTruncated wordCount charCount pageCount confidence }";
    const { text } = await mutate("extractFileText", { fileId: `file_${id}` }, counts, reader);
    assert.deepEqual(text, {
      content: "three short words",
      isTruncated: false,
      wordCount: 3,
      charCount: 17,
      pageCount: null,
      confidence: null,
    });
    assert.equal((await api.t.engine.files.get(TENANT, id)).status, "uploaded");
    await mutate("processFile", { fileId: `file_${id}` }, "file { id }");
    assert.deepEqual((await mutate("extractFileText", { fileId: `file_${id}` }, counts, reader)).text, text);
  });

  test("work that its type does not lend itself to is a user error; another tenant's is not found", async () => {
    const { id } = await upload("note.txt", "a note");
    const refused = await mutate("convertFile", { fileId: `file_${id}`, target: "PNG" }, "file { id }");
    assert.equal(refused.userErrors[0].code, "FILE_TYPE_NOT_ALLOWED");
    const language = { fileId: `file_${id}`, recognise: true, language: "xx" };
    const unknown = await mutate("extractFileText", language, "text { content }");
    assert.deepEqual([unknown.userErrors[0].code, unknown.userErrors[0].field], ["VALIDATION_FAILED", ["language"]]);
    const stranger = await api.keyFor(STRANGER, "read");
    assert.equal((await ask("query ($id: ID!) { node(id: $id) { id } }", { id: `file_${id}` }, stranger)).node, null);
    const foreign = await mutate("extractFileText", { fileId: `file_${id}` }, "text { content }", stranger);
    assert.equal(foreign.userErrors[0].code, "FILE_NOT_FOUND");
  });
});

test("a workflow shows its versions, newest first, and statistics count what it did", async () => {
  const { id, workflowId } = await api.t.start([log("a")]);
  await api.t.finished(id);
  for (const maxRetries of [1, 2]) {
    await mutate("updateWorkflow", { workflowId: `wf_${workflowId}`, maxRetries }, "workflow { version }");
  }
  const versions = "versions(first: 2) { totalCount pageInfo { hasNextPage } nodes { number maxRetries } }";
  const { workflow } = await ask(`query ($id: ID!) { workflow(id: $id) { ${versions} } }`, { id: `wf_${workflowId}` });
  assert.deepEqual(workflow.versions, {
    totalCount: 3,
    pageInfo: { hasNextPage: true },
    nodes: [
      { number: 3, maxRetries: 2 },
      { number: 2, maxRetries: 1 },
    ],
  });
  const { stats } = await ask(
    "{ stats { workflows activeWorkflows activeExecutions executions { started completed } lastDay { failed successRate lastStartedAt } } }",
  );
  assert.ok(stats.workflows >= 1 && stats.activeWorkflows >= 1 && stats.executions.completed >= 1);
  assert.ok(stats.lastDay.successRate > 0 && stats.lastDay.lastStartedAt);
});

test("workflows are listed by status, deleted ones only when asked for", async () => {
  const { workflowId } = await api.t.start([log("a")]);
  await mutate("deleteWorkflow", { workflowId: `wf_${workflowId}` }, "deletedWorkflowId");
  const list = async (status: string[] | null) =>
    (
      await ask(
        "query ($s: [WorkflowStatus!]) { workflows(first: 100, filter: { status: $s }) { nodes { databaseId } } }",
        {
          s: status,
        },
      )
    ).workflows.nodes.map(({ databaseId }: { databaseId: number }) => databaseId);
  assert.ok((await list(["DELETED", "PAUSED"])).includes(workflowId));
  assert.ok(!(await list(null)).includes(workflowId) && !(await list(["ACTIVE"])).includes(workflowId));
});

test("a step shows each of its attempts, and an execution what it waits for", async () => {
  const { id } = await api.t.start([
    log("retried", "twice", { retry: { initial_seconds: 0.001, jitter: "none" } }),
    { name: "sign", type: "wait_for_event", config: { approval: true, timeout_seconds: 900 } },
  ]);
  await api.t.reached(id, "step.waiting");
  const selection = `execution(id: $id) {
    waitingOn { kind until step { name } }
    steps { nodes { name attempt attempts { number status error { code message } retryAt durationMs resumptions } } } }`;
  const { execution } = await ask(`query ($id: ID!) { ${selection} }`, { id: `ex_${id}` });
  const [retried, sign] = execution.steps.nodes;
  assert.equal(retried.attempt, 2);
  const [first, second] = retried.attempts;
  assert.deepEqual(
    [first.number, first.status, first.error],
    [1, "FAILED", { code: "STEP_FAILED", message: "once \0 \ud83d" }],
  );
  assert.ok(first.retryAt && first.durationMs >= 0);
  assert.deepEqual([second.number, second.status, second.error, second.retryAt], [2, "COMPLETED", null, null]);
  assert.deepEqual(
    sign.attempts.map(({ status }: { status: string }) => status),
    ["WAITING"],
  );
  assert.equal(execution.waitingOn.length, 1);
  const [wait] = execution.waitingOn;
  assert.deepEqual([wait.kind, wait.step.name], ["APPROVAL", "sign"]);
  assert.ok(Date.parse(wait.until) > Date.now());
});

test("a waiting step is skipped, and its execution forked with changed data", async () => {
  const { id } = await api.t.start(
    [
      log("first", "{{trigger.name}}"),
      { name: "sign", type: "wait_for_event", config: { approval: true } },
      log("last", "{{steps.first.message}} {{steps.sign.by}}"),
    ],
    { trigger: { name: "Ada" } },
  );
  await api.t.reached(id, "step.waiting");
  const { execution } = await ask("query ($id: ID!) { execution(id: $id) { waitingOn { step { id } } } }", { id });
  const stepId = execution.waitingOn[0].step.id;
  const skipped = await mutate("skipStep", { stepId, output: { by: "me" } }, "step { status output } execution { id }");
  assert.deepEqual(skipped.step, { status: "SKIPPED", output: { by: "me" } });
  await api.t.finished(id);
  const again = await mutate("skipStep", { stepId }, "step { id }");
  assert.deepEqual([again.userErrors[0].code, again.userErrors[0].field], ["INVALID_STATE", ["stepId"]]);
  const selection = "execution { databaseId forkedFrom { id } }";
  const input = { executionId: `ex_${id}`, fromStep: "last", outputPatches: { first: { message: "Alan" } } };
  const forked = await mutate("forkExecution", { ...input, idempotencyKey: "k" }, selection);
  assert.deepEqual(forked.userErrors, []);
  assert.deepEqual(forked.execution.forkedFrom, { id: `ex_${id}` });
  const { byName } = await api.t.finished(forked.execution.databaseId);
  assert.deepEqual(byName.last!.output, { message: "Alan me", level: "info" });
  const conflict = await mutate("forkExecution", { ...input, fromStep: "first", idempotencyKey: "k" }, selection);
  assert.deepEqual(
    [conflict.userErrors[0].code, conflict.userErrors[0].field],
    ["IDEMPOTENCY_CONFLICT", ["idempotencyKey"]],
  );
  const wrong = await mutate("forkExecution", { ...input, fromStep: "lats" }, selection);
  assert.deepEqual([wrong.userErrors[0].code, wrong.userErrors[0].field], ["VALIDATION_FAILED", ["fromStep"]]);
});

test("a definition is simulated before it is saved: branches, attempts, waits and the undo path", async () => {
  const call = (name: string, rest: object = {}) => ({
    name,
    type: "http_request",
    config: { url: "https://api.example.com/", method: "POST" },
    ...rest,
  });
  const undo = { compensate: { type: "http_request", config: { url: "https://api.example.com/", method: "DELETE" } } };
  const definition = {
    steps: [
      call("reserve", undo),
      { name: "check", type: "conditional", config: { condition: "{{trigger.amount}} > 10" } },
      { name: "pause", type: "delay", config: { seconds: 90 } },
      call("charge", { retry: { initial_seconds: 4, jitter: "none" } }),
      call("ship"),
    ],
  };
  const input = {
    definition,
    triggerData: { amount: 20 },
    failAt: "ship",
    startAt: "2026-01-05T09:00:00Z",
    mocks: [{ step: "charge", output: { ok: true }, error: { code: "HTTP_STATUS" }, failures: 1 }],
  };
  const query = `query ($input: SimulateInput!) { simulate(input: $input) {
    status compensationStatus error { stepName } undoPath durationMs stoppedBy
    branches { step taken } events { seq type at stepName }
    steps { name status source attempts { status startedAt error { code } } output } } }`;
  const { simulate } = await ask(query, { input });
  assert.deepEqual(
    [simulate.status, simulate.compensationStatus, simulate.error.stepName, simulate.undoPath, simulate.stoppedBy],
    ["FAILED", "COMPLETED", "ship", ["reserve"], null],
  );
  assert.deepEqual(simulate.branches, [{ step: "check", taken: true }]);
  assert.equal(simulate.durationMs, 94_000);
  const charge = simulate.steps.find(({ name }: { name: string }) => name === "charge");
  assert.deepEqual(charge, {
    name: "charge",
    status: "COMPLETED",
    source: "MOCKED",
    attempts: [
      { status: "FAILED", startedAt: "2026-01-05T09:01:30.000Z", error: { code: "HTTP_STATUS" } },
      { status: "COMPLETED", startedAt: "2026-01-05T09:01:34.000Z", error: null },
    ],
    output: { ok: true },
  });
  assert.deepEqual(
    simulate.events.map(({ seq }: { seq: number }) => seq),
    simulate.events.map((_: unknown, i: number) => i + 1),
  );
  const { errors } = await api.query(query, { input: { ...input, definition: { steps: [{ type: "nothing" }] } } });
  assert.equal(errors[0]?.extensions.code, "VALIDATION_FAILED");
  assert.deepEqual((errors[0]!.extensions.issues as { path: string }[])[0]?.path, "definition.steps[0].type");
});

test("node(id:) reads versions, events and step types too, and none of another tenant", async () => {
  const { id, workflowId } = await api.t.start([log("a")]);
  await api.t.finished(id);
  const ids = {
    v: `wfv_${workflowId}_1`,
    e: `ev_${id}_1`,
    t: "type_log",
    none: `wfv_${workflowId}_2`,
    late: `ev_${id}_999`,
  };
  const query = `query ($v: ID!, $e: ID!, $t: ID!, $none: ID!, $late: ID!) {
    version: node(id: $v) { id ... on WorkflowVersion { number } }
    event: node(id: $e) { id ... on ExecutionEvent { type } }
    type: node(id: $t) { id ... on StepType { name } }
    none: node(id: $none) { id } late: node(id: $late) { id } }`;
  assert.deepEqual(await ask(query, ids), {
    version: { id: ids.v, number: 1 },
    event: { id: ids.e, type: "EXECUTION_CREATED" },
    type: { id: "type_log", name: "log" },
    none: null,
    late: null,
  });
  const stranger = await ask(query, ids, await api.keyFor(STRANGER, "read"));
  assert.deepEqual([stranger.version, stranger.event], [null, null]);
  for (const wrong of ["wfv_1", "wfv_0_1", "ev_1_x", "type_"]) {
    const { errors } = await api.query("query ($id: ID!) { node(id: $id) { id } }", { id: wrong });
    assert.equal(errors[0]?.extensions.code, "VALIDATION_FAILED", wrong);
  }
});
