import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { TENANT, type TestEngine, testEngine } from "../../tests/support/engine.ts";
import { parseDefinition } from "../definition/index.ts";
import type { JsonObject } from "../model/json.ts";
import { builtInTemplates } from "./built-in/index.ts";

const contract = fileURLToPath(new URL("../../../examples/documents/contract.pdf", import.meta.url));

interface Call {
  readonly call: string;
  readonly body: JsonObject | null;
}

let t: TestEngine;
let server: Server;
let url: string;
const calls: Call[] = [];

/** Answers everything with the same JSON, but /broken, which fails for good. */
before(async () => {
  t = await testEngine();
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    calls.push({ call: `${request.method} ${request.url}`, body: body === "" ? null : JSON.parse(body) });
    response.statusCode = request.url === "/broken" ? 400 : 200;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "made", data: { n: 1 }, items: ["a", "b", "c"] }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  await t.close();
  server.close();
});

async function begin(templateId: number, custom: JsonObject | null, trigger: JsonObject) {
  calls.length = 0;
  const { id: workflowId } = await t.engine.templates.createWorkflow(TENANT, {
    template_id: templateId,
    workflow_name: `of ${templateId} ${JSON.stringify(custom).length} ${performance.now()}`,
    ...(custom && { custom_config: custom }),
  });
  return t.engine.executions.start({ tenantId: TENANT, workflowId, triggerData: trigger });
}

async function run(templateId: number, custom: JsonObject | null, trigger: JsonObject = {}) {
  const { id } = await begin(templateId, custom, trigger);
  const result = await t.finished(id);
  return { ...result, calls: calls.map(({ call }) => call) };
}

async function uploaded(): Promise<number> {
  const upload = { tenantId: TENANT, filename: "contract.pdf" };
  return (await t.engine.files.upload(createReadStream(contract), upload)).id;
}

test("ids count from 1 without a hole, names differ, and every definition is valid", () => {
  assert.deepEqual(
    builtInTemplates.map(({ id }) => id),
    builtInTemplates.map((_, index) => index + 1),
  );
  assert.equal(new Set(builtInTemplates.map(({ name }) => name)).size, builtInTemplates.length);
  for (const { name, definition } of builtInTemplates) {
    const env = { names: [], get: () => undefined };
    const parsed = parseDefinition(definition, {
      stepTypes: t.engine.stepTypes,
      defaults: { maxRetries: 3 },
      env,
      isTemplate: true,
    });
    assert.ok("definition" in parsed, `${name}: ${"issues" in parsed && JSON.stringify(parsed.issues)}`);
  }
});

test("1: a request to the URL of custom_config", async () => {
  const { execution, byName, calls } = await run(1, { steps: [{ name: "http_request", config: { url: `${url}/a` } }] });
  assert.equal(execution.status, "completed");
  assert.deepEqual(calls, ["GET /a"]);
  assert.match(JSON.stringify(byName.http_request?.output), /"status_code":200/);
});

test("1: the reference's own example, which calls the step fetch_data", async () => {
  const made = await t.engine.templates.createWorkflow(TENANT, {
    template_id: 1,
    workflow_name: "Daily Data Sync",
    workflow_description: "Daily synchronization workflow created from template",
    custom_config: { steps: [{ name: "fetch_data", config: { url: "https://api.example.com/data" } }] },
    cron_schedule: "0 9 * * *",
    is_scheduled: true,
    trigger_on_file_upload: false,
  });
  assert.equal(made.isScheduled, true);
  assert.deepEqual(made.definition.steps, [
    {
      name: "fetch_data",
      type: "http_request",
      config: { url: "https://api.example.com/data", method: "GET", headers: {} },
    },
  ]);
});

test("2: takes a part of the answer, with the URL of custom_config or of the trigger", async () => {
  for (const { execution, byName } of [
    await run(2, { steps: [{ name: "http_request", config: { url: `${url}/a` } }] }),
    await run(2, null, { url: `${url}/a` }),
  ]) {
    assert.equal(execution.status, "completed");
    assert.deepEqual(byName.process_data?.output, { processed_data: { n: 1 } });
  }
});

test("3: checks and reads an uploaded file", async () => {
  const { execution, byName } = await run(3, null, { file_id: await uploaded() });
  assert.equal(execution.status, "completed");
  assert.match(JSON.stringify(byName.notify_completion?.input), /contract\.pdf: \d+ words/);
});

test("4: brings data from one API to another", async () => {
  const trigger = { source_url: `${url}/from`, target_url: `${url}/to` };
  const { execution, calls: made } = await run(4, null, trigger);
  assert.equal(execution.status, "completed");
  assert.deepEqual(made, ["GET /from", "POST /to"]);
  assert.deepEqual(calls[1]?.body, { data: { n: 1 }, execution_id: execution.id });
});

test("5: sends what it reads", async () => {
  const { execution, calls: made } = await run(5, {
    parameters: { source_url: `${url}/from`, target_url: `${url}/to` },
  });
  assert.equal(execution.status, "completed");
  assert.deepEqual(made, ["GET /from", "PUT /to"]);
  assert.deepEqual(calls[1]?.body, { items: ["a", "b", "c"] });
});

test("6: waits for the approval, then acts", async () => {
  const { id } = await begin(6, { parameters: { action_url: `${url}/act` } }, { amount: 5 });
  await t.reached(id, "step.waiting");
  assert.equal(calls.length, 0);
  const [approval] = await t.engine.executions.steps(TENANT, id);
  await t.engine.executions.approveStep(TENANT, approval!.id, { approved: true, by: "ann", comment: null });
  const { execution } = await t.finished(id);
  assert.equal(execution.status, "completed");
  assert.deepEqual(calls[0]?.body, { approved_by: "ann", request: { amount: 5 } });
});

test("7: runs through, or undoes what was done in reverse", async () => {
  const parameters = { stock_url: `${url}/stock`, payment_url: `${url}/pay`, shipping_url: `${url}/ship` };
  const well = await run(7, { parameters }, { order: 1 });
  assert.equal(well.execution.status, "completed");
  assert.deepEqual(well.calls, ["POST /stock", "POST /pay", "POST /ship"]);
  const badly = await run(7, { parameters: { ...parameters, shipping_url: `${url}/broken` } }, { order: 2 });
  assert.equal(badly.execution.status, "failed");
  assert.equal(badly.execution.compensationStatus, "completed");
  assert.deepEqual(badly.calls, ["POST /stock", "POST /pay", "POST /broken", "POST /pay/undo", "POST /stock/undo"]);
  assert.deepEqual(calls[3]?.body?.charge, { id: "made", data: { n: 1 }, items: ["a", "b", "c"] });
});

test("8: works on each item and counts them", async () => {
  const { execution, byName, calls } = await run(8, {
    parameters: { items_url: `${url}/list`, worker_url: `${url}/work` },
  });
  assert.equal(execution.status, "completed");
  assert.deepEqual(calls, ["GET /list", "POST /work", "POST /work", "POST /work"]);
  assert.deepEqual(byName.summarise?.output, { processed: 3 });
});

test("9: calls the webhook above the threshold only", async () => {
  const custom = { parameters: { threshold: 10, webhook_url: `${url}/alert` } };
  assert.deepEqual((await run(9, custom, { value: 11 })).calls, ["POST /alert"]);
  assert.equal(calls[0]?.body?.message, "The value 11 is above 10");
  const quiet = await run(9, custom, { value: 9 });
  assert.equal(quiet.execution.status, "completed");
  assert.deepEqual(quiet.calls, []);
});

test("10: sends the text of a document", async () => {
  const { execution, calls: made } = await run(
    10,
    { parameters: { target_url: `${url}/documents` } },
    { file_id: await uploaded() },
  );
  assert.equal(execution.status, "completed");
  assert.deepEqual(made, ["POST /documents"]);
  assert.ok(Number(calls[0]?.body?.word_count) > 10);
});
