import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../engine/model/json.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT, toAll } from "./support/engine.ts";

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

/**
 * The two reference pages, read from top to bottom, as a client of them would: each example is sent as it is printed, and
 * each answer has the fields that are printed, in their kinds.
 */
describe("the reference pages", () => {
  let api: TestApi;
  let remote: Server;
  let remoteUrl = "";
  const received: { method: string; url: string; body: JsonObject | null }[] = [];

  before(async () => {
    remote = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      request.on("end", () => {
        received.push({ method: request.method!, url: request.url!, body: text === "" ? null : JSON.parse(text) });
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ id: 42, data: { items: [1, 2] } }));
      });
    });
    remote.listen(0, "127.0.0.1");
    await once(remote, "listening");
    remoteUrl = `http://127.0.0.1:${(remote.address() as AddressInfo).port}`;
    api = await testApi({
      rateLimits: false,
      environment: toAll({
        DATABASE_API_TOKEN: "token-of-the-database",
        NOTIFICATION_WEBHOOK_URL: `${remoteUrl}/notify`,
      }),
    });
  });
  after(async () => {
    await api.close();
    remote.closeAllConnections();
    remote.close();
  });

  const ok = async (method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await api.rest(method, path, body, headers);
    assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const refused = async (status: number, detail: string | RegExp, method: string, path: string, body?: unknown) => {
    const answer = await api.rest(method, path, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    if (typeof detail === "string") assert.equal(answer.body.detail, detail);
    else assert.match(answer.body.detail, detail);
    return answer.body;
  };
  /** Each field of the example is there, and of its kind; null may stand for anything that can be absent. */
  const resembles = (answer: JsonObject, example: JsonObject, path = "$"): void => {
    for (const [name, value] of Object.entries(example)) {
      const given = answer[name];
      assert.notEqual(given, undefined, `${path}.${name} is missing in ${JSON.stringify(answer)}`);
      if (typeof value === "string" && iso.test(value)) assert.match(String(given), iso, `${path}.${name}`);
      else assert.equal(kindOf(given), kindOf(value), `${path}.${name}`);
    }
  };
  const ended = async (executionId: number) => {
    for await (const _ of await api.t.engine.executions.events(TENANT, executionId, 0));
    return ok("GET", `/api/v1/workflows/executions/${executionId}`);
  };
  const run = async (workflowId: number, triggerData: JsonObject = {}) => {
    const { execution_id } = await ok("POST", `/api/v1/workflows/${workflowId}/execute`, { trigger_data: triggerData });
    return ended(execution_id);
  };
  const upload = async (name: string, content: string): Promise<number> => {
    const form = new FormData();
    form.set("file", new File([content], name, { type: "text/plain" }));
    const response = await fetch(`${api.address}/api/v1/files/upload`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.secret}` },
      body: form,
    });
    const body = (await response.json()) as { id: number };
    assert.equal(response.status, 200, JSON.stringify(body));
    return body.id;
  };

  describe("templates", () => {
    test("List Templates", async () => {
      const list = await ok("GET", "/api/v1/templates");
      resembles(list, { templates: [], total: 10, page: 1, page_size: 20 });
      const { templates } = await ok(
        "GET",
        "/api/v1/templates?search=Simple%20HTTP&category=integration&public_only=true&page=1",
      );
      resembles(templates.at(-1), {
        id: 1,
        name: "Simple HTTP Request",
        description: "Execute a simple HTTP request with optional data processing",
        category: "integration",
        template_config: { steps: [] },
        default_trigger_config: { type: "manual", enabled: true },
        is_public: true,
        version: "1.0.0",
        usage_count: 5,
        created_at: "2025-01-08T10:00:00Z",
        updated_at: "2025-01-08T10:00:00Z",
      });
      assert.equal(templates.at(-1).name, "Simple HTTP Request");
      await refused(400, /page_size/, "GET", "/api/v1/templates?page_size=101");
    });

    test("a fresh database has the built-in ones that scripts use, by their ids", async () => {
      const names = await Promise.all(
        [1, 2, 3, 4, 5].map(async (id) => (await ok("GET", `/api/v1/templates/${id}`)).category),
      );
      assert.deepEqual([names[0], names[1], names[2]], ["integration", "integration", "file-processing"]);
      assert.ok((await ok("GET", "/api/v1/templates/4")).template_config.steps.length > 1);
    });

    test("Get Template Categories", async () => {
      const { categories, total } = await ok("GET", "/api/v1/templates/categories");
      assert.equal(total, categories.length);
      const found = categories.find(({ name }: JsonObject) => name === "file-processing");
      resembles(found, { name: "file-processing", count: 3, display_name: "File Processing" });
      assert.equal(found.display_name, "File Processing");
    });

    test("Create Template, and the rest of its life", async () => {
      const example = {
        name: "Custom Integration Template",
        description: "Custom template for API integrations",
        category: "integration",
        template_config: {
          steps: [
            {
              name: "fetch_data",
              type: "http_request",
              config: { url: "{{api_endpoint}}", method: "GET", headers: { Authorization: "Bearer {{api_token}}" } },
            },
            {
              name: "process_data",
              type: "data_transform",
              config: { transformations: [{ type: "extract", path: "data.items", key: "extracted_items" }] },
            },
          ],
        },
        default_trigger_config: { type: "schedule", enabled: false },
        default_cron_schedule: "0 9 * * 1",
        is_public: true,
        tags: "api,integration,custom",
      };
      const made = await ok("POST", "/api/v1/templates", example);
      for (const [name, value] of Object.entries(example)) assert.deepEqual(made[name], value, name);
      assert.deepEqual((await ok("GET", `/api/v1/templates?tags=custom`)).templates[0].id, made.id);
      await refused(409, /name/i, "POST", "/api/v1/templates", example);
      const changed = await ok("PUT", `/api/v1/templates/${made.id}`, { description: "other" });
      assert.deepEqual({ ...changed, updated_at: 0 }, { ...made, description: "other", updated_at: 0 });
      resembles(await ok("GET", `/api/v1/templates/${made.id}/usage-stats`), {
        template_id: 1,
        usage_count: 0,
        total_executions: 0,
        successful_executions: 0,
        failed_executions: 0,
        success_rate: 0,
        last_used_at: null,
      });
      resembles(await ok("DELETE", `/api/v1/templates/${made.id}`), { message: "x", template_id: 1 });
      await refused(404, "Template not found", "GET", `/api/v1/templates/${made.id}`);
    });

    test("Create Workflow from Template", async () => {
      const { usage_count: before } = await ok("GET", "/api/v1/templates/1");
      const body = {
        template_id: 1,
        workflow_name: "Daily Data Sync",
        workflow_description: "Daily synchronization workflow created from template",
        custom_config: { steps: [{ name: "fetch_data", config: { url: "https://api.example.com/data" } }] },
        cron_schedule: "0 9 * * *",
        is_scheduled: true,
        trigger_on_file_upload: false,
      };
      const made = await ok("POST", "/api/v1/templates/create-workflow", body);
      assert.deepEqual(Object.keys(made).sort(), ["message", "template_id", "workflow_id"]);
      const workflow = await ok("GET", `/api/v1/workflows/${made.workflow_id}`);
      assert.equal(workflow.name, "Daily Data Sync");
      assert.equal(workflow.cron_schedule, "0 9 * * *");
      assert.equal(workflow.is_scheduled, true);
      assert.equal(workflow.workflow_config.steps[0].config.url, "https://api.example.com/data");
      assert.equal(workflow.workflow_config.steps[0].config.method, "GET", "config is merged deeply");
      assert.equal((await ok("GET", "/api/v1/templates/1")).usage_count, before + 1);
      const unknownStep = {
        ...body,
        workflow_name: "b",
        custom_config: { steps: [{ name: "other", config: {} }] },
      };
      await refused(400, /"other" is no step/, "POST", "/api/v1/templates/create-workflow", unknownStep);
      await refused(404, "Template not found", "POST", "/api/v1/templates/create-workflow", {
        ...body,
        template_id: 999,
      });
    });
  });

  describe("workflows", () => {
    const example = {
      name: "Data Processing Workflow",
      description: "Process uploaded files and sync with external API",
      workflow_config: {
        steps: [
          {
            name: "validate_file",
            type: "file_process",
            config: { action: "validate", file_id: "{{trigger.file_id}}" },
          },
          {
            name: "extract_content",
            type: "file_process",
            config: { action: "extract", file_id: "{{trigger.file_id}}" },
          },
          {
            name: "sync_data",
            type: "http_request",
            config: {
              url: "https://api.example.com/sync",
              method: "POST",
              data: { content: "{{steps.extract_content.content}}" },
            },
          },
          {
            name: "notify_completion",
            type: "notification",
            config: {
              type: "webhook",
              webhook_url: "https://hooks.slack.com/...",
              message: "File processing completed successfully",
            },
          },
        ],
      },
      trigger_config: { type: "file_upload", enabled: true },
      trigger_on_file_upload: true,
      trigger_file_extensions: "pdf,docx,csv",
      timeout_seconds: 600,
      is_enabled: true,
    };

    test("Create Workflow, List, Get, Update, Delete", async () => {
      const made = await ok("POST", "/api/v1/workflows", example);
      for (const [name, value] of Object.entries(example)) assert.deepEqual(made[name], value, name);
      assert.deepEqual(Object.keys(made), [
        ...["id", "name", "description", "workflow_config", "trigger_config", "cron_schedule", "is_scheduled"],
        ...[
          "trigger_on_file_upload",
          "trigger_file_extensions",
          "status",
          "is_enabled",
          "timeout_seconds",
          "max_retries",
        ],
        ...[
          "total_executions",
          "successful_executions",
          "failed_executions",
          "last_execution_at",
          "created_at",
          "updated_at",
        ],
      ]);
      assert.equal(made.max_retries, 3);
      assert.equal(made.status, "active");
      const { error_code } = await refused(409, /name/i, "POST", "/api/v1/workflows", example);
      assert.equal(error_code, "NAME_TAKEN");

      assert.equal((await ok("GET", "/api/v1/workflows"))[0].id, made.id, "newest first");
      for (const status of ["active", "inactive", "paused", "deleted"]) {
        assert.ok(Array.isArray(await ok("GET", `/api/v1/workflows?status=${status}&limit=5&offset=0`)));
      }
      await refused(400, /status/, "GET", "/api/v1/workflows?status=gone");

      const paused = await ok("PUT", `/api/v1/workflows/${made.id}`, {
        status: "paused",
        trigger_file_extensions: null,
      });
      assert.equal(paused.status, "paused");
      assert.equal(paused.trigger_file_extensions, null);
      assert.equal(paused.name, example.name);
      await refused(
        400,
        "Workflow cannot be executed (status: paused, enabled: true)",
        "POST",
        `/api/v1/workflows/${made.id}/execute`,
        {},
      );

      assert.deepEqual(await ok("DELETE", `/api/v1/workflows/${made.id}`), {
        message: "Workflow deleted successfully",
        workflow_id: made.id,
      });
      const gone = await refused(404, "Workflow not found", "GET", `/api/v1/workflows/${made.id}`);
      resembles(gone, {
        detail: "Workflow not found",
        timestamp: "2025-01-08T10:00:00Z",
        path: "/api/v1/workflows/999",
        error_code: "WORKFLOW_NOT_FOUND",
      });
      assert.equal(gone.error_code, "WORKFLOW_NOT_FOUND");
      assert.equal((await ok("GET", "/api/v1/workflows?status=deleted"))[0].id, made.id);
    });

    test("what is wrong with a new one is a 400 that says so", async () => {
      const required = "Workflow configuration is required";
      await refused(400, required, "POST", "/api/v1/workflows", { name: "none" });
      await refused(400, required, "POST", "/api/v1/workflows", { name: "none", workflow_config: {} });
      const steps = { steps: [{ type: "log", config: { message: "x" } }] };
      const cron = { name: "cron", workflow_config: steps, cron_schedule: "every day", is_scheduled: true };
      await refused(400, "Invalid cron schedule format", "POST", "/api/v1/workflows", cron);
      await refused(400, /name/, "POST", "/api/v1/workflows", { name: "n".repeat(256), workflow_config: steps });
    });

    test("Execute Workflow, Get Workflow Executions, Get Execution Steps", async () => {
      const file_id = await upload("letter.txt", "Dear reader, this is some text.");
      const steps = example.workflow_config.steps.map((step) =>
        step.type === "http_request"
          ? { ...step, config: { ...step.config, url: `${remoteUrl}/sync` } }
          : step.type === "notification"
            ? { ...step, config: { ...step.config, webhook_url: `${remoteUrl}/hook` } }
            : step,
      );
      const { id } = await ok("POST", "/api/v1/workflows", {
        ...example,
        name: "on a letter",
        workflow_config: { steps },
      });
      const started = await ok("POST", `/api/v1/workflows/${id}/execute`, {
        trigger_data: { file_id: String(file_id), user_id: "user_456", custom_params: { priority: "high" } },
      });
      assert.deepEqual(Object.keys(started), ["message", "execution_id", "workflow_id"]);
      assert.equal(started.message, "Workflow execution started");
      assert.equal(started.workflow_id, id);
      await ended(started.execution_id);

      const [execution] = await ok("GET", `/api/v1/workflows/${id}/executions?status=completed&limit=10&offset=0`);
      resembles(execution, {
        id: 789,
        workflow_id: 123,
        trigger_type: "manual",
        status: "completed",
        execution_time_ms: 1500,
        retry_count: 0,
        created_at: "2025-01-08T10:00:00Z",
        started_at: "2025-01-08T10:00:01Z",
        completed_at: "2025-01-08T10:00:02Z",
        result_data: {},
        trigger_data: {},
      });
      const { validate_file, extract_content, sync_data, notify_completion } = execution.result_data;
      resembles(validate_file, { valid: true, size: 1024 });
      assert.equal(validate_file.valid, true);
      assert.match(extract_content.content, /Dear reader/);
      assert.equal(sync_data.status_code, 200);
      assert.deepEqual(sync_data.json, { id: 42, data: { items: [1, 2] } });
      assert.equal(notify_completion.sent, true);
      assert.deepEqual(received.find(({ url }) => url === "/sync")?.body, { content: extract_content.content });

      const tracked = await ok("GET", `/api/v1/workflows/executions/${started.execution_id}/steps`);
      assert.deepEqual(
        tracked.map(({ step_order, step_name, status }: JsonObject) => [step_order, step_name, status]),
        ["validate_file", "extract_content", "sync_data", "notify_completion"].map((name, i) => [
          i + 1,
          name,
          "completed",
        ]),
      );
      resembles(tracked[1], {
        id: 2,
        step_order: 2,
        step_name: "extract_content",
        step_type: "file_process",
        status: "completed",
        execution_time_ms: 800,
        started_at: "2025-01-08T10:00:01.250Z",
        completed_at: "2025-01-08T10:00:02.050Z",
        input_data: { file_id: "123", action: "extract" },
        output_data: { content: "extracted text", word_count: 150 },
        retry_count: 0,
      });
      assert.equal(tracked[1].input_data.file_id, String(file_id));
      assert.equal(tracked[1].output_data.word_count, 6);
      await refused(404, "Workflow not found", "GET", "/api/v1/workflows/99999/executions");
    });

    test("Retry Failed Step: 400 unless that step failed, and within a client's patience", async () => {
      const { id } = await ok("POST", "/api/v1/workflows", {
        name: "fails",
        workflow_config: {
          steps: [
            { name: "fine", type: "log", config: { message: "x" } },
            { name: "broken", type: "http_request", config: { url: "http://127.0.0.1:1/" } },
          ],
        },
      });
      const failed = await run(id);
      assert.equal(failed.status, "failed");
      assert.equal(failed.retry_count, 3, "failed steps are retried up to 3 times");
      const waits = await api.t.pool.query<{ seconds: number }>(
        `SELECT extract(epoch FROM (data ->> 'retry_at')::timestamptz - at)::float AS seconds
         FROM execution_event WHERE execution_id = $1 AND type = 'step.retrying'`,
        [failed.id],
      );
      const waited = waits.rows.reduce((sum, { seconds }) => sum + seconds, 0);
      assert.ok(waits.rows.length === 3 && waited < 25, `waits of ${waited} s: a client that polls for 30 s sees it`);
      const [fine, broken] = await ok("GET", `/api/v1/workflows/executions/${failed.id}/steps`);
      assert.equal(broken.status, "failed");
      assert.equal(broken.retry_count, 3);
      assert.ok(broken.error_message);
      await refused(400, /failed/, "POST", `/api/v1/workflows/steps/${fine.id}/retry`);
      const retried = await ok("POST", `/api/v1/workflows/steps/${broken.id}/retry`);
      assert.deepEqual(Object.keys(retried), ["message", "step_id", "execution_id", "status"]);
      assert.equal(retried.execution_id, failed.id);
      await refused(404, "Step not found", "POST", "/api/v1/workflows/steps/999999/retry");
    });

    test("none of the words beside an id is read as one", async () => {
      for (const path of ["executions", "stats/summary"]) await ok("GET", `/api/v1/workflows/${path}`);
      const cron = await ok("POST", "/api/v1/workflows/validate-cron?cron_expression=0%209%20*%20*%20*");
      assert.equal(cron.is_valid, true);
      assert.equal(cron.next_runs.length, 5);
      assert.equal((await ok("POST", "/api/v1/workflows/validate-cron?cron_expression=nope")).is_valid, false);
    });
  });

  test("Health Check", async () => {
    const health = (await (await fetch(`${api.address}/health`)).json()) as JsonObject;
    resembles(health, {
      status: "healthy",
      timestamp: "2025-01-08T10:00:00Z",
      service: "automation-services",
      version: "1.0.0",
      components: {},
      metrics: {},
    });
    assert.deepEqual([health.status, health.service, health.version], ["healthy", "automation-services", "1.0.0"]);
    assert.deepEqual(Object.keys(health.components as JsonObject), [
      "database",
      "redis",
      "scheduler",
      "saga_orchestrator",
    ]);
    resembles(health.metrics as JsonObject, {
      total_workflows: 25,
      active_executions: 3,
      completed_executions_24h: 150,
      failed_executions_24h: 2,
      success_rate_24h: 98.7,
    });
    for (const path of ["/", "/ready", "/live", "/health/"])
      assert.equal((await fetch(`${api.address}${path}`)).status, 200);
  });

  test("Context Variables: the example usage", async () => {
    const { id } = await ok("POST", "/api/v1/workflows", {
      name: "context variables",
      workflow_config: {
        steps: [
          {
            name: "api_call",
            type: "http_request",
            config: { url: `${remoteUrl}/data/{{trigger.user_id}}`, headers: { "X-Execution-ID": "{{execution_id}}" } },
          },
          {
            name: "process_response",
            type: "data_transform",
            config: {
              source_data: "{{steps.api_call.json}}",
              transformations: [{ type: "extract", path: "data.items", key: "processed_items" }],
            },
          },
        ],
      },
    });
    const { result_data, status } = await run(id, { user_id: "u 1" });
    assert.equal(status, "completed", JSON.stringify(result_data));
    assert.deepEqual(result_data.process_response, { processed_items: [1, 2] });
    assert.ok(received.some(({ url }) => url.startsWith("/data/u")));
  });

  test("Document Processing Pipeline: the complete example, on a document with text", async () => {
    const { id } = await ok("POST", "/api/v1/workflows", {
      name: "Document Processing Pipeline",
      description: "Complete document processing with OCR, validation, and notification",
      workflow_config: {
        steps: [
          {
            name: "validate_upload",
            type: "file_process",
            // The example takes pdf, jpg and png; the demo runs it on a scan. Here a text is enough.
            config: { action: "validate", file_id: "{{trigger.file_id}}", allowed_types: ["txt"], max_size_mb: 10 },
          },
          { name: "extract_text", type: "file_process", config: { action: "extract", file_id: "{{trigger.file_id}}" } },
          {
            name: "validate_content",
            type: "conditional",
            config: {
              condition: "{{steps.extract_text.word_count}} > 10",
              true_action: { type: "log", config: { message: "Content validation passed" } },
              false_action: { type: "log", config: { message: "Content validation failed", level: "warning" } },
            },
          },
          {
            name: "save_to_database",
            type: "http_request",
            config: {
              url: `${remoteUrl}/documents`,
              method: "POST",
              headers: { Authorization: "Bearer {{env.DATABASE_API_TOKEN}}" },
              data: {
                file_id: "{{trigger.file_id}}",
                extracted_text: "{{steps.extract_text.content}}",
                word_count: "{{steps.extract_text.word_count}}",
                processed_at: "{{execution_id}}",
              },
              expected_status: [200, 201],
            },
          },
          {
            name: "send_notification",
            type: "notification",
            config: {
              type: "webhook",
              webhook_url: "{{env.NOTIFICATION_WEBHOOK_URL}}",
              message:
                "Document {{trigger.file_id}} processed successfully. Database ID: {{steps.save_to_database.json.id}}",
            },
          },
        ],
      },
      trigger_on_file_upload: true,
      trigger_file_extensions: "pdf,jpg,jpeg,png",
      timeout_seconds: 300,
      max_retries: 2,
    });
    const file_id = await upload("words.txt", "one two three four five six seven eight nine ten eleven twelve");
    const execution = await run(id, { file_id });
    assert.equal(execution.status, "completed", JSON.stringify(execution));
    assert.deepEqual(execution.result_data.validate_content.condition_met, true);
    const saved = received.find(({ url }) => url === "/documents")?.body as JsonObject;
    assert.deepEqual([saved.file_id, saved.word_count, saved.processed_at], [file_id, 12, execution.id]);
    const notified = JSON.stringify(received.find(({ url }) => url === "/notify")?.body);
    assert.match(notified, new RegExp(`Document ${file_id} processed successfully. Database ID: 42`));
    const steps = JSON.stringify(await ok("GET", `/api/v1/workflows/executions/${execution.id}/steps`));
    assert.ok(!steps.includes("token-of-the-database"), "the secret is shown nowhere");
  });

  test("Webhooks: the payload of a completed workflow, signed", async () => {
    const secret = `whsec_${Buffer.from("a secret of thirty-two bytes ok!").toString("base64")}`;
    const { id } = await ok("POST", "/api/v1/workflows", {
      name: "told of",
      workflow_config: {
        steps: [{ name: "a", type: "log", config: { message: "x" } }],
        webhooks: [{ url: `${remoteUrl}/events`, events: ["workflow_completed"], secret }],
      },
    });
    const { id: executionId } = await run(id);
    while (!received.some(({ url }) => url === "/events")) await new Promise((resolve) => setTimeout(resolve, 20));
    const payload = received.find(({ url }) => url === "/events")?.body as JsonObject;
    resembles(payload, {
      event_type: "workflow_completed",
      workflow_id: 123,
      execution_id: 789,
      status: "completed",
      timestamp: "2025-01-08T10:00:00Z",
      execution_time_ms: 1500,
      result_data: {},
    });
    assert.deepEqual([payload.event_type, payload.execution_id], ["workflow_completed", executionId]);
  });

  test("OPTIONS says what an address takes; another method is a 404 that says so too", async () => {
    for (const [method, status] of [
      ["OPTIONS", 204],
      ["PATCH", 404],
    ] as const) {
      const answer = await api.rest(method, "/api/v1/workflows/7/");
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("allow"), "DELETE, GET, HEAD, OPTIONS, PUT");
    }
    assert.equal((await api.rest("OPTIONS", "/nowhere")).status, 404);
  });

  test("the key is taken under both names, and its absence and its falsity have their own words", async () => {
    const details = async (headers: Record<string, string>) => {
      const response = await fetch(`${api.address}/api/v1/workflows`, { headers });
      return [response.status, ((await response.json()) as { detail?: string }).detail];
    };
    assert.deepEqual(await details({}), [401, "API key required"]);
    assert.deepEqual(await details({ "x-api-key": "wrong" }), [401, "Invalid API key"]);
    assert.deepEqual(await details({ "x-api-key": api.secret }), [200, undefined]);
  });
});

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
