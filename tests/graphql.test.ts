import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Subscription } from "../engine/bus/bus.ts";
import { InProcessBus } from "../engine/bus/in-process-bus.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { collect, type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

let api: TestApi;
before(async () => {
  api = await testApi();
});
after(() => api.close());

const steps = (...list: object[]) => ({ steps: list });
const log = (name: string, message: string) => ({ name, type: "log", config: { message } });
const approval = { name: "sign_off", type: "wait_for_event", config: { approval: true, message: "ok?" } };

const CREATE = `mutation ($input: CreateWorkflowInput!) {
  createWorkflow(input: $input) { workflow { id databaseId name version } userErrors { message field code } }
}`;
const EXECUTE = `mutation ($input: ExecuteWorkflowInput!) {
  executeWorkflow(input: $input) { execution { id databaseId status } userErrors { message field code } }
}`;
const EVENTS = `subscription ($id: ID!, $after: Int! = 0) {
  executionEvents(executionId: $id, after: $after) { seq type stepName data }
}`;

let names = 0;
async function created(definition: object, rest: object = {}): Promise<string> {
  const { data } = await api.query(CREATE, { input: { name: `made ${++names}`, definition, ...rest } });
  assert.deepEqual(data.createWorkflow.userErrors, []);
  return data.createWorkflow.workflow.id;
}
async function started(definition: object, rest: object = {}): Promise<string> {
  const input = { workflowId: await created(definition), ...rest };
  const { data } = await api.query(EXECUTE, { input });
  assert.deepEqual(data.executeWorkflow.userErrors, []);
  return data.executeWorkflow.execution.id;
}
const numberOf = (id: string): number => Number(id.split("_")[1]);
const finished = (id: string) => api.t.finished(numberOf(id));
const mutate = async (name: string, type: string, input: object, selection = "execution { id status }") =>
  (
    await api.query(
      `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { message field code } } }`,
      { input },
    )
  ).data[name];

describe("workflows", () => {
  test("one is created, read, changed and deleted", async () => {
    const id = await created(steps(log("a", "hi")), { triggerFileExtensions: ["pdf", "docx"], timeoutSeconds: 60 });
    const read = `query ($id: ID!) { workflow(id: $id) {
      __typename id databaseId status version definition timeoutSeconds maxRetries triggerFileExtensions createdAt } }`;
    const { workflow } = (await api.query(read, { id })).data;
    assert.deepEqual(workflow.definition, steps(log("a", "hi")));
    assert.deepEqual([workflow.timeoutSeconds, workflow.maxRetries, workflow.status], [60, 3, "ACTIVE"]);
    assert.deepEqual(workflow.triggerFileExtensions, ["pdf", "docx"]);
    assert.match(workflow.createdAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.equal(id, `wf_${workflow.databaseId}`);
    assert.deepEqual(
      (await api.query(read, { id: workflow.databaseId })).data.workflow,
      workflow,
      "REST's integer too",
    );

    const changed = await mutate(
      "updateWorkflow",
      "UpdateWorkflowInput",
      { workflowId: id, maxRetries: 0, triggerFileExtensions: null, status: "PAUSED" },
      "workflow { version timeoutSeconds maxRetries triggerFileExtensions status definition }",
    );
    assert.deepEqual(changed.workflow, {
      version: 2,
      timeoutSeconds: 60,
      maxRetries: 0,
      triggerFileExtensions: null,
      status: "PAUSED",
      definition: workflow.definition,
    });
    const refused = await mutate("executeWorkflow", "ExecuteWorkflowInput", { workflowId: id });
    assert.equal(refused.userErrors[0].code, "WORKFLOW_NOT_EXECUTABLE");

    const input = { workflowId: id };
    const gone = await mutate("deleteWorkflow", "DeleteWorkflowInput", input, "deletedWorkflowId");
    assert.equal(gone.deletedWorkflowId, id);
    assert.equal((await api.query(read, { id })).data.workflow, null);
    const again = await mutate("deleteWorkflow", "DeleteWorkflowInput", input, "deletedWorkflowId");
    assert.deepEqual(again, {
      deletedWorkflowId: null,
      userErrors: [{ message: "Workflow not found", field: ["workflowId"], code: "WORKFLOW_NOT_FOUND" }],
    });
  });

  test("an invalid definition is refused with every broken rule, each with its path in the input", async () => {
    const definition = steps(
      { name: "call", type: "http_request", config: { methd: "GET", url: "https://a.example" } },
      { name: "call", type: "nothing_known", config: {} },
    );
    const { createWorkflow } = (await api.query(CREATE, { input: { name: "bad", definition } })).data;
    assert.equal(createWorkflow.workflow, null);
    const { userErrors } = createWorkflow;
    assert.ok(userErrors.length >= 2);
    for (const { code, field, message } of userErrors) {
      assert.equal(code, "VALIDATION_FAILED");
      assert.deepEqual(field.slice(0, 2), ["definition", "steps"]);
      assert.match(message, /^definition\.steps\[\d\]/);
    }
    const checked = (
      await api.query(
        "query ($d: JSONObject!) { validateDefinition(definition: $d) { isValid issues { path message } } }",
        {
          d: definition,
        },
      )
    ).data.validateDefinition;
    assert.deepEqual(
      checked.issues.map((issue: { path: string; message: string }) => `${issue.path} ${issue.message}`),
      userErrors.map((error: { message: string }) => error.message),
    );
  });

  test("a name that is taken, a bad cron and a bad id are user errors with their field", async () => {
    const input = { name: "taken", definition: steps(log("a", "x")) };
    assert.deepEqual((await api.query(CREATE, { input })).data.createWorkflow.userErrors, []);
    const error = async (more: object) =>
      (await api.query(CREATE, { input: { ...input, ...more } })).data.createWorkflow.userErrors[0];
    assert.deepEqual([(await error({})).code, (await error({})).field], ["NAME_TAKEN", ["name"]]);
    const cron = await error({ name: "cron", cronSchedule: "every day" });
    assert.deepEqual([cron.code, cron.field], ["INVALID_CRON", ["cronSchedule"]]);
    const { userErrors: long } = (
      await api.query(CREATE, { input: { ...input, name: "x".repeat(256), timeoutSeconds: 0 } })
    ).data.createWorkflow;
    assert.deepEqual(
      long.map(({ field, message }: { field: string[]; message: string }) => [field, message]),
      [
        [["name"], "name must have at most 255 characters"],
        [["timeoutSeconds"], "timeoutSeconds must be at least 1"],
      ],
    );
    const trigger = await error({ name: "trigger", triggerConfig: { match: { "a.b": ["\ud800"] } } });
    assert.deepEqual(trigger, {
      message: 'triggerConfig.match["a.b"][0] must not hold a lone surrogate',
      field: ["triggerConfig", "match", "a.b", "0"],
      code: "VALIDATION_FAILED",
    });
    const comma = await error({ name: "comma", triggerFileExtensions: ["pdf", "csv,txt"] });
    assert.deepEqual([comma.code, comma.field], ["VALIDATION_FAILED", ["triggerFileExtensions", "1"]]);
    for (const workflowId of ["ex_1", "wf_", "wf_0", "wf_99999999999", "nothing"]) {
      const { userErrors } = await mutate("executeWorkflow", "ExecuteWorkflowInput", { workflowId });
      assert.deepEqual([userErrors[0].code, userErrors[0].field], ["VALIDATION_FAILED", ["workflowId"]], workflowId);
    }
  });
});

describe("executions", () => {
  test("one runs, and shows its steps, result, events and version", async () => {
    const id = await started(steps(log("first", "n is {{trigger.n}}"), log("second", "{{steps.first.message}}")), {
      triggerData: { n: 5 },
    });
    await finished(id);
    const { execution } = (
      await api.query(
        `query ($id: ID!) { execution(id: $id) {
          status compensationStatus triggerType triggerData result error { code } lastEventSeq durationMs correlationId
          workflow { executions { totalCount nodes { id } } } workflowVersion { number definition }
          steps { totalCount nodes { name type role status attempt order input output durationMs execution { id } } }
          events(last: 1) { nodes { seq type at } totalCount pageInfo { hasPreviousPage hasNextPage } }
        } }`,
        { id },
      )
    ).data;
    assert.equal(execution.status, "COMPLETED");
    assert.deepEqual(execution.result.second, { message: "n is 5", level: "info" });
    assert.deepEqual([execution.steps.totalCount, execution.workflowVersion.number], [2, 1]);
    const [first] = execution.steps.nodes;
    assert.deepEqual(
      { ...first, durationMs: 0 },
      {
        name: "first",
        type: "log",
        role: "ACTION",
        status: "COMPLETED",
        attempt: 1,
        order: 1,
        input: { message: "n is 5" },
        output: { message: "n is 5", level: "info" },
        durationMs: 0,
        execution: { id },
      },
    );
    assert.deepEqual(execution.workflow.executions, { totalCount: 1, nodes: [{ id }] });
    assert.equal(execution.events.nodes[0].type, "EXECUTION_COMPLETED");
    assert.equal(execution.events.nodes[0].seq, execution.lastEventSeq);
    assert.deepEqual(execution.events.pageInfo, { hasPreviousPage: true, hasNextPage: false });
    assert.match(execution.correlationId, /^[\w-]{36}$/);
  });

  test("the same idempotency key gives the same execution; with other data it is a user error", async () => {
    const workflowId = await created(steps(log("a", "x")));
    const start = (n: number) =>
      mutate("executeWorkflow", "ExecuteWorkflowInput", { workflowId, triggerData: { n }, idempotencyKey: "once" });
    const first = await start(1);
    assert.equal((await start(1)).execution.id, first.execution.id);
    const ordered = (triggerData: object) =>
      mutate("executeWorkflow", "ExecuteWorkflowInput", { workflowId, triggerData, idempotencyKey: "ordered" });
    const one = await ordered({ a: [{ x: 1, y: 2 }], b: 2 });
    assert.equal((await ordered({ b: 2, a: [{ y: 2, x: 1 }] })).execution.id, one.execution.id);
    const conflict = await start(2);
    assert.deepEqual(conflict.execution, null);
    assert.deepEqual(conflict.userErrors[0].field, ["idempotencyKey"]);
    assert.equal(conflict.userErrors[0].code, "IDEMPOTENCY_CONFLICT");
  });

  test("one waits for an approval, is paused, resumed and approved", async () => {
    const id = await started(steps(approval));
    await api.t.reached(numberOf(id), "execution.waiting");
    const paused = await mutate("pauseExecution", "PauseExecutionInput", { executionId: id });
    assert.equal(paused.execution.status, "PAUSED");
    const resumed = await mutate("resumeExecution", "ResumeExecutionInput", { executionId: id });
    assert.ok(["RUNNING", "WAITING"].includes(resumed.execution.status));
    const { steps: list } = (
      await api.query(
        "query ($id: ID!) { execution(id: $id) { steps { nodes { id waitingOn { kind until eventName } } } } }",
        { id },
      )
    ).data.execution;
    const [waiting] = list.nodes;
    assert.deepEqual(waiting.waitingOn, { kind: "APPROVAL", until: null, eventName: "approval" });
    for (const data of [null, { comment: "not yet" }, { approved: "no" }]) {
      const { execution } = await mutate("sendEvent", "SendEventInput", { executionId: id, name: "approval", data });
      assert.equal(execution.status, "WAITING");
    }
    const input = { stepId: waiting.id, by: "ann" };
    const long = await mutate(
      "approveStep",
      "ApproveStepInput",
      { ...input, comment: "x".repeat(2_001) },
      "step { id }",
    );
    assert.deepEqual([long.userErrors[0].code, long.userErrors[0].field], ["VALIDATION_FAILED", ["comment"]]);
    const approved = await mutate("approveStep", "ApproveStepInput", input, "step { status output }");
    assert.deepEqual(approved.step, { status: "COMPLETED", output: { approved: true, by: "ann", comment: null } });
    await finished(id);
    const late = await mutate("approveStep", "ApproveStepInput", input, "step { status }");
    assert.deepEqual([late.userErrors[0].code, late.userErrors[0].field], ["INVALID_STATE", ["stepId"]]);
  });

  test("an event is sent, an execution cancelled, a failed step retried", async () => {
    const waits = steps({ name: "paid", type: "wait_for_event", config: { event: "paid", correlation: "7" } });
    const paid = await started(waits);
    const large = await mutate("sendEvent", "SendEventInput", {
      executionId: paid,
      name: "paid",
      data: "x".repeat(2 ** 20),
    });
    assert.deepEqual([large.userErrors[0].code, large.userErrors[0].field], ["VALIDATION_FAILED", ["data"]]);
    await mutate("sendEvent", "SendEventInput", {
      executionId: paid,
      name: "paid",
      correlation: "7",
      data: { sum: 3 },
    });
    assert.deepEqual((await finished(paid)).byName.paid?.output, { sum: 3 });

    const stopped = await started(waits);
    const why = await mutate("cancelExecution", "CancelExecutionInput", { executionId: stopped, reason: "a\0" });
    assert.deepEqual([why.userErrors[0].code, why.userErrors[0].field], ["VALIDATION_FAILED", ["reason"]]);
    const { execution } = await mutate(
      "cancelExecution",
      "CancelExecutionInput",
      { executionId: stopped, reason: "enough" },
      "execution { status error { code message } }",
    );
    assert.deepEqual(execution, { status: "CANCELLED", error: { code: "CANCELLED", message: "enough" } });

    const refused = {
      name: "call",
      type: "http_request",
      config: { url: "http://127.0.0.1:1/" },
      retry: { max_attempts: 1 },
    };
    const failed = await started(steps(refused));
    const { byName } = await finished(failed);
    const retried = await mutate("retryStep", "RetryStepInput", { stepId: `st_${byName.call!.id}` }, "step { name }");
    assert.deepEqual(retried, { step: { name: "call" }, userErrors: [] });
  });

  test("lists page through by cursor, forwards and backwards, and filter", async () => {
    const workflowId = await created(steps(log("a", "x")));
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.unshift((await mutate("executeWorkflow", "ExecuteWorkflowInput", { workflowId })).execution.id);
    for (const id of ids) await finished(id);
    const page = async (args: string) =>
      (
        await api.query(
          `query ($workflowId: ID) { executions(filter: { workflowId: $workflowId, status: [COMPLETED, FAILED] }, ${args}) {
             totalCount edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
          { workflowId },
        )
      ).data.executions;
    const nodes = ({ nodes: list }: { nodes: { id: string }[] }) => list.map((node) => node.id);
    const first = await page("first: 2");
    assert.deepEqual([nodes(first), first.totalCount], [ids.slice(0, 2), 5]);
    assert.deepEqual(first.pageInfo.hasNextPage, true);
    const second = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
    assert.deepEqual(nodes(second), ids.slice(2, 4));
    const third = await page(`first: 2, after: "${second.edges[1].cursor}"`);
    assert.deepEqual([nodes(third), third.pageInfo.hasNextPage], [ids.slice(4), false]);
    const last = await page("last: 2");
    assert.deepEqual([nodes(last), last.pageInfo.hasPreviousPage], [ids.slice(3), true]);
    assert.deepEqual(nodes(await page(`last: 2, before: "${last.pageInfo.startCursor}"`)), ids.slice(1, 3));
    const upTo = await page(`first: 5, before: "${last.pageInfo.startCursor}"`);
    assert.deepEqual(
      [nodes(upTo), upTo.pageInfo.hasNextPage, upTo.pageInfo.hasPreviousPage],
      [ids.slice(0, 3), true, false],
    );
    const rest = await page(`last: 5, after: "${first.pageInfo.endCursor}"`);
    assert.deepEqual(
      [nodes(rest), rest.pageInfo.hasNextPage, rest.pageInfo.hasPreviousPage],
      [ids.slice(2), false, true],
    );
  });

  test("the cursor of another list is refused, for its number would mean something else", async () => {
    await finished(await started(steps(log("a", "x"))));
    const { data } = await api.query(
      "{ executions(first: 1) { nodes { id } pageInfo { endCursor } } workflows(first: 1) { pageInfo { endCursor } } }",
    );
    const ask = (list: string, after: string) =>
      api.query(`query ($after: String) { ${list}(after: $after) { nodes { id } } }`, { after });
    const { endCursor } = data.executions.pageInfo;
    assert.deepEqual((await ask("executions", endCursor)).errors, []);
    for (const [list, cursor] of [
      ["workflows", endCursor],
      ["executions", data.workflows.pageInfo.endCursor],
    ]) {
      const [error] = (await ask(list, cursor)).errors;
      assert.deepEqual(error?.extensions.issues, [
        { path: "after", message: "must be a cursor that this list has returned" },
      ]);
    }
    const { batch } = await mutate(
      "cancelExecutions",
      "CancelExecutionsInput",
      { filter: {}, after: endCursor, dryRun: true },
      "batch { acceptedIds }",
    );
    assert.ok(!batch.acceptedIds.includes(data.executions.nodes[0].id));
  });

  test("executions are found by their correlation id, and by when they were created", async () => {
    const workflowId = numberOf(await created(steps(log("a", "x"))));
    const start = async (correlationId: string) =>
      api.t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {}, correlationId });
    const [one, two] = [await start("order 1"), await start("order 2")];
    await setTimeout(2);
    const later = await start("order 1");
    const found = async (filter: object) => {
      const { data, errors } = await api.query(
        "query ($f: ExecutionFilter) { executions(filter: $f) { totalCount nodes { databaseId } } }",
        { f: { workflowId: `wf_${workflowId}`, ...filter } },
      );
      if (errors[0]) return errors[0].extensions;
      const { totalCount, nodes } = data.executions;
      assert.equal(totalCount, nodes.length);
      return nodes.map(({ databaseId }: { databaseId: number }) => databaseId);
    };
    const at = (ms: number) => new Date(ms).toISOString();
    assert.deepEqual(await found({ correlationId: "order 1" }), [later.id, one.id]);
    assert.deepEqual(await found({ since: at(one.createdAt), until: at(later.createdAt) }), [two.id, one.id]);
    assert.deepEqual(await found({ correlationId: "order 1", since: at(later.createdAt) }), [later.id]);
    assert.deepEqual(await found({ until: "0000-01-01T00:00:00Z" }), []);
    const refused = await found({ since: at(1), until: at(0) });
    assert.deepEqual([refused.code, refused.issues[0].path], ["VALIDATION_FAILED", "filter.until"]);
  });

  test("a page that cannot be is an error with every reason", async () => {
    const { errors } = await api.query('{ executions(first: 101, last: 0, after: "?") { nodes { id } } }');
    assert.equal(errors[0]?.extensions.code, "VALIDATION_FAILED");
    const issues = errors[0].extensions.issues as { path: string }[];
    assert.deepEqual(issues.map((issue) => issue.path).sort(), ["after", "first", "last", "last"]);
  });

  test("an error of a query names what is wrong as the schema does, with its place", async () => {
    const errorOf = async (query: string) => {
      const [error] = (await api.query(query)).errors;
      return { message: error?.message, ...(error?.extensions as { code: string; issues?: { path: string }[] }) };
    };
    const message = '"zz" is no step of the definition';
    assert.deepEqual(
      await errorOf(
        '{ simulate(input: { definition: { steps: [{ name: "a", type: "log", config: { message: "" } }] }, failAt: "zz" }) { status } }',
      ),
      { message: `failAt ${message}`, code: "VALIDATION_FAILED", issues: [{ path: "failAt", message }] },
    );
    const long = await errorOf(
      `{ simulate(input: { definition: { steps: [{ type: "log", config: { message: "" } }] }, failAt: "${"z".repeat(100_000)}" }) { status } }`,
    );
    assert.ok(JSON.stringify(long).length < 2_000, "what was sent is not sent back whole");
    const either = "must be given when no workflow is, and only then";
    assert.deepEqual(await errorOf("{ simulate(input: {}) { status } }"), {
      message: `definition ${either}`,
      code: "VALIDATION_FAILED",
      issues: [{ path: "definition", message: either }],
    });
    for (const [query, code, path] of [
      ['{ previewSchedule(input: { cron: "x" }) }', "INVALID_CRON", "cron"],
      ['{ previewSchedule(count: 0, input: { cron: "@daily" }) }', "VALIDATION_FAILED", "count"],
      ['{ simulate(input: { workflowId: "wf_2000000000" }) { status } }', "WORKFLOW_NOT_FOUND", "workflowId"],
    ] as const) {
      const error = await errorOf(query);
      assert.deepEqual([error.code, error.issues?.map((issue) => issue.path)], [code, [path]]);
    }
  });

  test("node finds each kind by its id", async () => {
    const id = await started(steps(log("a", "x")));
    const { byName } = await finished(id);
    const { data } = await api.query(
      `query ($e: ID!, $s: ID!) {
         execution: node(id: $e) { __typename id ... on Execution { status } }
         step: node(id: $s) { __typename ... on Step { name } }
         missing: node(id: "wf_2000000000") { id } }`,
      { e: id, s: `st_${byName.a!.id}` },
    );
    assert.deepEqual(data.execution, { __typename: "Execution", id, status: "COMPLETED" });
    assert.deepEqual([data.step, data.missing], [{ __typename: "Step", name: "a" }, null]);
  });
});

test("step types show their docs and JSON Schemas", async () => {
  const { stepTypes, definitionSchema } = (
    await api.query("{ stepTypes { name summary docs effect configSchema outputSchema } definitionSchema }")
  ).data;
  const http = stepTypes.find(({ name }: { name: string }) => name === "http_request");
  assert.equal(http.effect, "EXTERNAL");
  assert.ok(http.configSchema.properties.url && http.docs.length > 100);
  assert.ok(definitionSchema.properties.steps);
});

describe("live events", () => {
  type Event = { executionEvents: { seq: number; type: string; stepName: string | null } };

  test("every event arrives in order from the beginning, and the stream completes with the execution", async () => {
    const id = await started(steps(approval, log("after", "x")));
    const client = api.client();
    const all = collect<Event>(client, { query: EVENTS, variables: { id } });
    await api.t.reached(numberOf(id), "execution.waiting");
    const step = (await api.t.engine.executions.steps(TENANT, numberOf(id)))[0]!;
    await mutate("approveStep", "ApproveStepInput", { stepId: step.id }, "step { id }");
    const events = (await all).map(({ executionEvents }) => executionEvents);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, i) => i + 1),
    );
    assert.equal(events.at(-1)?.type, "EXECUTION_COMPLETED");
    assert.ok(events.some(({ stepName, type }) => stepName === "after" && type === "STEP_COMPLETED"));
    const rest = await collect<Event>(client, { query: EVENTS, variables: { id, after: 3 } });
    assert.deepEqual(
      rest.map(({ executionEvents }) => executionEvents),
      events.slice(3),
    );
    assert.deepEqual(await collect(client, { query: EVENTS, variables: { id, after: events.length } }), []);
  });

  test("a subscriber that goes away ends its reader, by complete and by a cut connection", async (t) => {
    let listeners = 0;
    const { subscribe } = InProcessBus.prototype;
    t.mock.method(InProcessBus.prototype, "subscribe", async function (this: InProcessBus, ...args: never) {
      const subscription = await (subscribe as (...args: never) => Promise<Subscription>).apply(this, args);
      listeners++;
      const unsubscribe = () => {
        listeners--;
        subscription.unsubscribe();
      };
      return { unsubscribe };
    });
    const id = await started(steps(approval));
    await api.t.reached(numberOf(id), "execution.waiting");
    for (const leave of ["complete", "cut"] as const) {
      const socket = new WebSocket(`${api.address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
      await once(socket, "open");
      socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: api.secret } }));
      await new Promise<void>((resolve) => {
        socket.on("message", (data) => {
          const message = JSON.parse(String(data));
          if (message.type === "connection_ack")
            socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: EVENTS, variables: { id } } }));
          if (message.payload?.data?.executionEvents.type === "EXECUTION_WAITING") resolve();
        });
      });
      assert.equal(listeners, 1);
      if (leave === "complete") socket.send(JSON.stringify({ id: "1", type: "complete" }));
      else socket.terminate();
      while (listeners > 0) await new Promise((resolve) => setImmediate(resolve));
      socket.terminate();
    }
  });

  test("an execution of another tenant, or none, is an error with its code", async () => {
    const id = await started(steps(approval));
    const foreign = api.client({ apiKey: await api.keyFor(tenantNamed("other"), "read") });
    for (const [client, variables] of [
      [foreign, { id }],
      [api.client(), { id: "ex_999999999" }],
    ] as const) {
      await assert.rejects(
        collect(client, { query: EVENTS, variables }),
        (errors: { extensions: { code: string } }[]) => errors[0]?.extensions.code === "EXECUTION_NOT_FOUND",
      );
    }
  });

  test("queries and mutations run over the socket too", async () => {
    const [result] = await collect<{ stepTypes: unknown[] }>(api.client(), { query: "{ stepTypes { name } }" });
    assert.ok(result!.stepTypes.length > 5);
  });

  test("no key, a wrong one and a revoked one close the socket with 4403", async () => {
    const { secret, key } = await api.t.engine.keys.create({
      tenantId: TENANT,
      name: "r",
      scopes: ["read"],
      expiresAt: null,
    });
    for (const params of [{}, { authorization: "Bearer sw_wrong" }, { apiKey: 5 }]) {
      await assert.rejects(collect(api.client(params), { query: "{ stepTypes { name } }" }), { code: 4403 });
    }
    const client = api.client({ "X-API-Key": secret });
    assert.equal((await collect(client, { query: "{ stepTypes { name } }" })).length, 1);
    await api.t.engine.keys.revoke(TENANT, key.id);
    await assert.rejects(collect(client, { query: "{ stepTypes { name } }" }), { code: 4403 });
  });
});

describe("keys and scopes", () => {
  test("without a key or with a wrong one the answer is 401 with UNAUTHENTICATED", async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${api.address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query: "{ stepTypes { name } }" }),
      });
    for (const [headers, message] of [
      [{}, "API key required"],
      [{ authorization: "Bearer sw_wrong" }, "Invalid API key"],
      [{ authorization: "Basic Zm9v" }, "Invalid API key"],
    ] as const) {
      const response = await post(headers);
      assert.equal(response.status, 401);
      assert.deepEqual(await response.json(), { errors: [{ message, extensions: { code: "UNAUTHENTICATED" } }] });
    }
    assert.equal((await post({ "x-api-key": api.secret })).status, 200);
  });

  test("a key is created, rotated and revoked, and then refused", async () => {
    const input = { name: "ci", scopes: ["READ"] };
    const made = await mutate("createApiKey", "CreateApiKeyInput", input, "secret apiKey { id name prefix scopes }");
    assert.ok(made.secret.startsWith(made.apiKey.prefix));
    const ask = async (secret: string) => (await api.query("{ stepTypes { name } }", {}, secret)).status;
    assert.equal(await ask(made.secret), 200);
    const rotated = await mutate(
      "rotateApiKey",
      "RotateApiKeyInput",
      { apiKeyId: made.apiKey.id, graceSeconds: 0 },
      "secret apiKey { id } replacedApiKey { id expiresAt }",
    );
    assert.equal(rotated.replacedApiKey.id, made.apiKey.id);
    assert.deepEqual([await ask(made.secret), await ask(rotated.secret)], [401, 200]);
    await mutate("revokeApiKey", "RevokeApiKeyInput", { apiKeyId: rotated.apiKey.id }, "apiKey { revokedAt }");
    assert.equal(await ask(rotated.secret), 401);
    const { apiKeys } = (await api.query("{ apiKeys(first: 1) { nodes { id revokedAt } } }")).data;
    assert.ok(apiKeys.nodes[0].id === rotated.apiKey.id && apiKeys.nodes[0].revokedAt);
  });

  test("an operation beyond the key's scopes is FORBIDDEN and does nothing", async () => {
    const reader = await api.keyFor(TENANT, "read");
    const worker = await api.keyFor(TENANT, "execute");
    const codes = async (key: string, query: string, variables = {}) =>
      (await api.query(query, variables, key)).errors.map(({ extensions }) => extensions.code);
    assert.deepEqual(await codes(reader, "{ stepTypes { name } }"), []);
    assert.deepEqual(await codes(reader, CREATE, { input: { name: "no", definition: steps() } }), ["FORBIDDEN"]);
    assert.deepEqual(await codes(reader, EXECUTE, { input: { workflowId: 1 } }), ["FORBIDDEN"]);
    assert.deepEqual(await codes(reader, "{ apiKeys { nodes { id } } }"), ["FORBIDDEN"]);
    assert.deepEqual(await codes(reader, '{ node(id: "key_1") { id } }'), ["FORBIDDEN"]);
    assert.deepEqual(await codes(worker, "{ stepTypes { name } }"), ["FORBIDDEN"]);
    await assert.rejects(
      collect(api.client({ apiKey: worker }), { query: EVENTS, variables: { id: "ex_1" } }),
      (errors: { extensions: { code: string } }[]) => errors[0]?.extensions.code === "FORBIDDEN",
    );
  });

  test("what belongs to another tenant is not found", async () => {
    const id = await started(steps(approval));
    const execution = await api.t.engine.executions.get(TENANT, numberOf(id));
    const [step] = await api.t.engine.executions.steps(TENANT, numberOf(id));
    const stranger = await api.keyFor(tenantNamed("stranger"), "read", "write", "execute", "admin");
    const { data } = await api.query(
      `query ($e: ID!, $w: ID!, $s: ID!) {
         execution(id: $e) { id } workflow(id: $w) { id } step(id: $s) { id } node(id: $e) { id }
         executions(filter: { workflowId: $w }) { totalCount nodes { id } } workflows { totalCount }
         apiKeys { nodes { name } } }`,
      { e: id, w: execution.workflowId, s: step!.id },
      stranger,
    );
    assert.deepEqual(
      { ...data, apiKeys: data.apiKeys.nodes.length },
      {
        execution: null,
        workflow: null,
        step: null,
        node: null,
        executions: { totalCount: 0, nodes: [] },
        workflows: { totalCount: 0 },
        apiKeys: 1,
      },
    );
    const cancel = `mutation ($id: ID!) { cancelExecution(input: { executionId: $id }) { userErrors { code field } } }`;
    const refused = await api.query(cancel, { id }, stranger);
    assert.deepEqual(refused.data.cancelExecution.userErrors, [
      { code: "EXECUTION_NOT_FOUND", field: ["executionId"] },
    ]);
  });
});

describe("faults and transport", () => {
  test("a fault is masked on both transports, with the correlation id under which it is logged", async (t) => {
    const { workflows } = api.t.engine;
    t.mock.method(workflows, "list", () => Promise.reject(new Error("password=hush at 10.0.0.1")));
    const query = "{ workflows { nodes { id } } }";
    const { errors, headers } = await api.query(query);
    assert.equal(errors[0]?.extensions.code, "INTERNAL");
    assert.equal(errors[0].extensions.correlationId, headers.get("x-correlation-id"));
    const overSocket = await collect(api.client(), { query }).then(
      () => assert.fail(),
      (thrown: Answered[]) => thrown,
    );
    assert.equal(overSocket[0]?.extensions.code, "INTERNAL");
    assert.ok(!JSON.stringify([errors, overSocket]).includes("hush"));
    const ids = [errors[0].extensions.correlationId, overSocket[0].extensions.correlationId];
    for (const id of ids) assert.ok(api.log.some((line) => line.includes(String(id)) && line.includes("hush")));
  });
  type Answered = { extensions: Record<string, unknown> };

  test("a query may be sent by its hash once it was sent whole", async () => {
    const query = "{ stepTypes { name } }";
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const send = async (body: object) => {
      const response = await fetch(`${api.address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${api.secret}` },
        body: JSON.stringify({ ...body, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
      });
      const { data, errors } = (await response.json()) as { data?: object; errors?: { extensions: object }[] };
      return { status: response.status, isAnswered: data !== undefined, error: errors?.[0]?.extensions };
    };
    const unknown = { status: 200, isAnswered: false, error: { code: "PERSISTED_QUERY_NOT_FOUND" } };
    assert.deepEqual(await send({}), unknown);
    const answered = { status: 200, isAnswered: true, error: undefined };
    assert.deepEqual(await send({ query }), answered);
    assert.deepEqual(await send({}), answered);
  });

  test("a correlation id of the client's is kept, and reaches the execution", async () => {
    const workflowId = await created(steps(log("a", "x")));
    const response = await fetch(`${api.address}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${api.secret}`,
        "x-correlation-id": "order-77",
      },
      body: JSON.stringify({
        query: `mutation { executeWorkflow(input: { workflowId: "${workflowId}" }) { execution { correlationId } } }`,
      }),
    });
    assert.equal(response.headers.get("x-correlation-id"), "order-77");
    const { data } = (await response.json()) as { data: { executeWorkflow: unknown } };
    assert.deepEqual(data.executeWorkflow, { execution: { correlationId: "order-77" } });
  });

  test("GET answers queries and refuses mutations", async () => {
    const get = (query: string) =>
      fetch(`${api.address}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${api.secret}` },
      });
    assert.equal((await get("{ stepTypes { name } }")).status, 200);
    assert.equal(
      (await get('mutation { deleteWorkflow(input: { workflowId: "1" }) { userErrors { code } } }')).status,
      405,
    );
  });

  test("a body that is no JSON, too large or an invalid document is a GraphQL error", async () => {
    const post = (body: string) =>
      fetch(`${api.address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${api.secret}` },
        body,
      });
    for (const [body, status] of [
      ["{", 400],
      [JSON.stringify({ query: "{ nothing }" }), 400],
      [JSON.stringify({ query: `{ stepTypes { name } } #${"x".repeat(5_000_000)}` }), 413],
    ] as const) {
      const response = await post(body);
      assert.equal(response.status, status);
      const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
      assert.ok(errors[0]?.message && errors[0].extensions.code);
    }
  });

  test("a browser gets GraphiQL, whole in one page that can load nothing from elsewhere", async () => {
    const response = await fetch(`${api.address}/graphql`, { headers: { accept: "text/html" } });
    assert.equal(response.status, 200);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /https?:|\*|eval|script-src [^;]*unsafe/);
    const html = await response.text();
    assert.ok(html.length > 1_000_000 && html.includes('<div id="graphiql">'));
    assert.doesNotMatch(html, /<(script|img|iframe)[^>]+src=["']?https?:|<link[^>]+href=["']?https?:|@import/i);
    assert.doesNotMatch(html, /url\(["']?https?:/i);
    assert.doesNotMatch(html, /(?:cdn\.|unpkg\.com|jsdelivr|esm\.sh|cdnjs)/i);
  });

  test("an upgrade at another path is 404", async () => {
    const socket = new WebSocket(`${api.address.replace("http", "ws")}/other`, "graphql-transport-ws");
    const [error] = await once(socket, "error");
    assert.match(String(error), /404/);
  });
});

test("a server that stops closes its sockets with 1001 and then takes no more", async () => {
  const other = await testApi();
  try {
    const socket = new WebSocket(`${other.address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    const closed = once(socket, "close");
    await other.closeServer();
    assert.equal((await closed)[0], 1001);
    await assert.rejects(fetch(`${other.address}/live`));
  } finally {
    await other.close();
  }
});
