import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The documented API, example by example, over HTTP. Answers are checked against their own schemas as well. */
describe("the documented REST API", () => {
  let api: TestApi;
  before(async () => {
    api = await testApi({ rateLimits: true });
  });
  after(() => api.close());

  const refused = async (status: number, code: string, method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await api.rest(method, path, body, headers);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body), ["detail", "timestamp", "path", "error_code"]);
    assert.equal(typeof answer.body.detail, "string");
    assert.match(answer.body.timestamp, iso);
    assert.equal(answer.body.path, path.split("?")[0]);
    assert.equal(answer.body.error_code, code);
    return answer;
  };
  let made = 0;
  const workflow = async (fields: object = {}) => {
    const answer = await api.rest("POST", "/api/v1/workflows", {
      name: `workflow ${++made}`,
      workflow_config: { steps: [{ name: "hello", type: "log", config: { message: "hi {{trigger.who}}" } }] },
      ...fields,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const ended = async (executionId: number) => {
    for await (const _ of await api.t.engine.executions.events(TENANT, executionId, 0));
    return (await api.rest("GET", `/api/v1/workflows/executions/${executionId}`)).body;
  };

  describe("keys", () => {
    test("are taken as bearer and as X-API-Key", async () => {
      for (const headers of [
        { authorization: `bearer ${api.secret}` },
        { authorization: "", "x-api-key": api.secret },
      ]) {
        const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));
        const answer = await fetch(`${api.address}/api/v1/templates`, { headers: given });
        assert.equal(answer.status, 200);
      }
    });

    test("are asked for", async () => {
      const without = await fetch(`${api.address}/api/v1/templates`);
      assert.equal(without.status, 401);
      assert.equal(((await without.json()) as { detail: string }).detail, "API key required");
      const wrong = await refused(401, "UNAUTHENTICATED", "GET", "/api/v1/templates", undefined, {
        authorization: "Bearer wrong",
      });
      assert.equal(wrong.body.detail, "Invalid API key");
    });

    test("need the scope of the route", async () => {
      const secret = await api.keyFor(TENANT, "read");
      const headers = { authorization: `Bearer ${secret}` };
      await refused(403, "FORBIDDEN", "POST", "/api/v1/templates", { name: "x" }, headers);
      assert.equal((await api.rest("GET", "/api/v1/templates", undefined, headers)).status, 200);
    });
  });

  describe("errors", () => {
    test("have one shape: unknown route, broken JSON, other content, poisoned JSON, too large", async () => {
      await refused(404, "NOT_FOUND", "GET", "/api/v1/nowhere?x=1");
      await refused(404, "NOT_FOUND", "PATCH", "/api/v1/workflows");
      await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/workflows", '{"name":');
      await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/workflows", '{"__proto__": {"a": 1}}');
      await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/workflows", "a=b", { "content-type": "text/plain" });
      await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/workflows", `{"name":"${"x".repeat(5_000_000)}"}`);
      await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/workflows");
      await refused(400, "VALIDATION_FAILED", "GET", "/api/v1/workflows/abc");
      await refused(400, "VALIDATION_FAILED", "GET", "/api/v1/workflows/99999999999");
      await refused(404, "WORKFLOW_NOT_FOUND", "GET", "/api/v1/workflows/999");
    });

    test("of validation name the JSON path", async () => {
      const answer = await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/workflows", {
        name: "broken",
        workflow_config: { steps: [{ name: "a", type: "http_request", config: {} }] },
      });
      assert.match(answer.body.detail, /workflow_config\.steps\[0\]\.config\.url/);
    });

    test("carry the correlation id", async () => {
      const answer = await api.rest("GET", "/api/v1/nowhere", undefined, { "x-correlation-id": "abc-1" });
      assert.equal(answer.headers.get("x-correlation-id"), "abc-1");
    });
  });

  test("the root says where everything is, with no key", async () => {
    const answer = await fetch(api.address);
    const body = (await answer.json()) as Record<string, unknown>;
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(body), ["service", "version", "description", "endpoints"]);
    assert.deepEqual(await (await fetch(`${api.address}/live/`)).json(), { status: "alive" });
  });

  describe("templates", () => {
    test("are listed newest first, with the built-in ones", async () => {
      const { body, headers } = await api.rest("GET", "/api/v1/templates?category=integration&page_size=2");
      assert.deepEqual(Object.keys(body), ["templates", "total", "page", "page_size"]);
      assert.equal(body.page, 1);
      assert.equal(body.page_size, 2);
      assert.equal(body.templates.length, 2);
      assert.ok(body.templates[0].id > body.templates[1].id);
      assert.equal(headers.get("x-ratelimit-limit"), "100");
      assert.ok(Number(headers.get("x-ratelimit-remaining")) < 100);
      assert.ok(Number(headers.get("x-ratelimit-reset")) * 1000 > Date.now());
      const first = await api.rest("GET", "/api/v1/templates/1/");
      assert.equal(first.body.name, "Simple HTTP Request");
      assert.match(first.body.created_at, iso);
    });

    test("have categories with display names", async () => {
      const { body } = await api.rest("GET", "/api/v1/templates/categories");
      const named = body.categories.find(({ name }: { name: string }) => name === "file-processing");
      assert.equal(named.display_name, "File Processing");
      assert.equal(body.total, body.categories.length);
    });

    test("are created as documented, changed in part, sent back whole, and deleted", async () => {
      const created = await api.rest("POST", "/api/v1/templates", {
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
      });
      assert.equal(created.status, 200, JSON.stringify(created.body));
      assert.equal(created.body.tags, "api,integration,custom");
      const path = `/api/v1/templates/${created.body.id}`;
      const changed = await api.rest("PUT", path, { ...created.body, description: null });
      assert.equal(changed.status, 200, JSON.stringify(changed.body));
      assert.equal(changed.body.description, null);
      assert.equal(changed.body.name, created.body.name);
      assert.equal((await api.rest("GET", "/api/v1/templates?search=custom&tags=api,custom")).body.total, 1);
      await refused(409, "NAME_TAKEN", "POST", "/api/v1/templates", {
        name: "Custom Integration Template",
        template_config: { steps: [] },
      });
      const gone = await api.rest("DELETE", path);
      assert.deepEqual(gone.body, { message: gone.body.message, template_id: created.body.id });
      await refused(404, "TEMPLATE_NOT_FOUND", "GET", path);
    });

    test("make workflows, and count their use", async () => {
      const answer = await api.rest("POST", "/api/v1/templates/create-workflow", {
        template_id: 1,
        workflow_name: "Daily Data Sync",
        workflow_description: "Daily synchronization workflow created from template",
        custom_config: { steps: [{ name: "http_request", config: { url: "https://api.example.com/data" } }] },
        cron_schedule: "0 9 * * *",
        is_scheduled: true,
        trigger_on_file_upload: false,
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.template_id, 1);
      const found = await api.rest("GET", `/api/v1/workflows/${answer.body.workflow_id}`);
      assert.equal(found.body.cron_schedule, "0 9 * * *");
      const usage = await api.rest("GET", "/api/v1/templates/1/usage-stats");
      assert.equal(usage.body.usage_count, 1);
      await refused(404, "TEMPLATE_NOT_FOUND", "POST", "/api/v1/templates/create-workflow", {
        template_id: 999,
        workflow_name: "x",
      });
      await refused(400, "VALIDATION_FAILED", "POST", "/api/v1/templates/create-workflow", {
        template_id: 1,
        workflow_name: "y",
        custom_config: { steps: [{ name: "nobody" }] },
      });
    });
  });

  describe("workflows", () => {
    test("are created as documented, with defaults", async () => {
      const body = await workflow();
      assert.deepEqual(
        { ...body, id: 0, name: "", workflow_config: {}, created_at: "", updated_at: "" },
        {
          id: 0,
          name: "",
          description: null,
          workflow_config: {},
          trigger_config: null,
          cron_schedule: null,
          is_scheduled: false,
          trigger_on_file_upload: false,
          trigger_file_extensions: null,
          status: "active",
          is_enabled: true,
          timeout_seconds: 300,
          max_retries: 3,
          total_executions: 0,
          successful_executions: 0,
          failed_executions: 0,
          last_execution_at: null,
          created_at: "",
          updated_at: "",
        },
      );
      const missing = await refused(400, "WORKFLOW_CONFIG_REQUIRED", "POST", "/api/v1/workflows", { name: "z" });
      assert.equal(missing.body.detail, "Workflow configuration is required");
      const cron = await refused(400, "INVALID_CRON", "POST", "/api/v1/workflows", {
        name: "z",
        workflow_config: body.workflow_config,
        cron_schedule: "every day",
      });
      assert.equal(cron.body.detail, "Invalid cron schedule format");
      await refused(409, "NAME_TAKEN", "POST", "/api/v1/workflows", {
        name: body.name,
        workflow_config: body.workflow_config,
      });
    });

    test("are changed in part, and an explicit null clears", async () => {
      const { id, ...sent } = await workflow({ description: "d", timeout_seconds: 60 });
      const path = `/api/v1/workflows/${id}`;
      const paused = await api.rest("PUT", path, { status: "paused", description: null });
      assert.equal(paused.body.status, "paused");
      assert.equal(paused.body.description, null);
      assert.equal(paused.body.timeout_seconds, 60);
      const cannot = await refused(400, "WORKFLOW_NOT_EXECUTABLE", "POST", `${path}/execute`, {});
      assert.equal(cannot.body.detail, "Workflow cannot be executed (status: paused, enabled: true)");
      assert.equal((await api.rest("PUT", path, { id, ...sent })).body.status, "active");
      await refused(400, "VALIDATION_FAILED", "PUT", path, { status: "deleted" });
    });

    test("are listed newest first; deleted ones only when asked for", async () => {
      const { id } = await workflow();
      const { body } = await api.rest("DELETE", `/api/v1/workflows/${id}`);
      assert.deepEqual(body, { message: "Workflow deleted successfully", workflow_id: id });
      const gone = await refused(404, "WORKFLOW_NOT_FOUND", "GET", `/api/v1/workflows/${id}`);
      assert.equal(gone.body.detail, "Workflow not found");
      const ids = async (query: string) =>
        (await api.rest("GET", `/api/v1/workflows${query}`)).body.map((one: { id: number }) => one.id) as number[];
      const listed = await ids("");
      assert.ok(!listed.includes(id));
      assert.deepEqual(
        listed,
        listed.toSorted((a, b) => b - a),
      );
      assert.deepEqual(await ids("?limit=1&offset=1"), listed.slice(1, 2));
      assert.deepEqual(await ids("?status=deleted"), [id]);
      await refused(400, "VALIDATION_FAILED", "GET", "/api/v1/workflows?status=gone");
      await refused(400, "VALIDATION_FAILED", "GET", "/api/v1/workflows?limit=0");
    });

    test("execute, with a body, an empty one, or none", async () => {
      const { id } = await workflow();
      const path = `/api/v1/workflows/${id}`;
      const answer = await api.rest("POST", `${path}/execute`, { trigger_data: { who: "you", n: { deep: 1 } } });
      assert.deepEqual(answer.body, {
        message: "Workflow execution started",
        execution_id: answer.body.execution_id,
        workflow_id: id,
      });
      assert.equal(answer.headers.get("x-ratelimit-limit"), "200");
      const execution = await ended(answer.body.execution_id);
      assert.equal(execution.status, "completed");
      assert.equal(execution.trigger_type, "manual");
      assert.deepEqual(execution.result_data, { hello: { message: "hi you", level: "info" } });
      assert.deepEqual(execution.trigger_data, { who: "you", n: { deep: 1 } });
      assert.equal(typeof execution.execution_time_ms, "number");

      const plain = await workflow({ workflow_config: { steps: [{ type: "delay", config: { seconds: 0 } }] } });
      for (const body of [{}, undefined, "", null, { trigger_data: null }]) {
        const started = await api.rest("POST", `/api/v1/workflows/${plain.id}/trigger/`, body);
        assert.equal(started.status, 200, JSON.stringify(started.body));
        assert.equal((await ended(started.body.execution_id)).status, "completed");
      }
      const again = await api.rest("GET", `/api/v1/workflows/${plain.id}`);
      assert.equal(again.body.total_executions, 5);
      assert.equal(again.body.successful_executions, 5);
      assert.match(again.body.last_execution_at, iso);
      await refused(400, "VALIDATION_FAILED", "POST", `${path}/execute`, { trigger_data: [] });
      await refused(404, "WORKFLOW_NOT_FOUND", "POST", "/api/v1/workflows/999/execute", {});
    });

    test("start once for an idempotency key", async () => {
      const { id } = await workflow();
      const start = (who: string) =>
        api.rest("POST", `/api/v1/workflows/${id}/execute`, { trigger_data: { who } }, { "idempotency-key": "k" });
      const [one, two] = [await start("a"), await start("a")];
      assert.equal(one.body.execution_id, two.body.execution_id);
      assert.equal((await start("b")).status, 409);
    });
  });

  describe("executions", () => {
    test("are listed by workflow, by status, and by number", async () => {
      const { id } = await workflow();
      const ids: number[] = [];
      for (const who of ["a", "b", "c"]) {
        const { body } = await api.rest("POST", `/api/v1/workflows/${id}/execute`, { trigger_data: { who } });
        ids.unshift(body.execution_id);
        await ended(body.execution_id);
      }
      const list = async (path: string) =>
        (await api.rest("GET", path)).body.map((one: { id: number }) => one.id) as number[];
      assert.deepEqual(await list(`/api/v1/workflows/${id}/executions`), ids);
      assert.deepEqual(await list(`/api/v1/workflows/${id}/executions?status=completed&limit=1&offset=1`), [ids[1]]);
      assert.deepEqual(await list(`/api/v1/workflows/${id}/executions?status=timeout`), []);
      assert.deepEqual(await list(`/api/v1/workflows/executions?workflow_id=${id}`), ids);
      assert.deepEqual((await list("/api/v1/workflows/executions")).slice(0, 3), ids);
      await refused(400, "VALIDATION_FAILED", "GET", `/api/v1/workflows/${id}/executions?status=waiting`);
      await refused(404, "WORKFLOW_NOT_FOUND", "GET", "/api/v1/workflows/999/executions");
    });

    test("show their steps; a failed one is retried", async () => {
      const { id } = await workflow({
        workflow_config: {
          steps: [
            { name: "first", type: "log", config: { message: "on" } },
            { name: "second", type: "log", config: { message: "{{trigger.missing}}" } },
          ],
        },
      });
      const { body } = await api.rest("POST", `/api/v1/workflows/${id}/execute`, {});
      const execution = await ended(body.execution_id);
      assert.equal(execution.status, "failed");
      assert.match(execution.error_message, /missing/);
      const steps = (await api.rest("GET", `/api/v1/workflows/executions/${body.execution_id}/steps`)).body;
      assert.deepEqual(Object.keys(steps[0]), [
        "id",
        "step_order",
        "step_name",
        "step_type",
        "status",
        "execution_time_ms",
        "started_at",
        "completed_at",
        "input_data",
        "output_data",
        "retry_count",
        "error_message",
      ]);
      assert.deepEqual(
        steps.map((one: { step_order: number; step_name: string; status: string }) => [
          one.step_order,
          one.step_name,
          one.status,
        ]),
        [
          [1, "first", "completed"],
          [2, "second", "failed"],
        ],
      );
      await refused(400, "INVALID_STATE", "POST", `/api/v1/workflows/steps/${steps[0].id}/retry`);
      const retried = await api.rest("POST", `/api/v1/workflows/steps/${steps[1].id}/retry`);
      assert.equal(retried.status, 200, JSON.stringify(retried.body));
      assert.deepEqual(Object.keys(retried.body), ["message", "step_id", "execution_id", "status"]);
      await refused(404, "STEP_NOT_FOUND", "POST", "/api/v1/workflows/steps/99999/retry");
      await refused(404, "EXECUTION_NOT_FOUND", "GET", "/api/v1/workflows/executions/99999/steps");
    });
  });

  test("statistics and cron checks answer", async () => {
    const summary = await api.rest("GET", "/api/v1/workflows/stats/summary");
    assert.ok(summary.body.total_workflows > 0);
    assert.ok(summary.body.total_executions >= summary.body.successful_executions);
    const path = "/api/v1/workflows/validate-cron?cron_expression=";
    const valid = await api.rest("POST", `${path}${encodeURIComponent("0 9 * * 1")}`);
    assert.equal(valid.body.is_valid, true);
    assert.equal(valid.body.next_runs.length, 5);
    const invalid = await api.rest("POST", `${path}nonsense`);
    assert.deepEqual(invalid.body, {
      cron_expression: "nonsense",
      is_valid: false,
      error: "Invalid cron schedule format",
    });
  });

  test("the budget of a key is its own, and what is over it is told", async () => {
    const headers = { authorization: `Bearer ${await api.keyFor(TENANT, "write")}` };
    const send = () => api.rest("POST", "/api/v1/workflows", {}, headers);
    for (let sent = 0; sent < 50; sent++) assert.equal((await send()).status, 400);
    const over = await send();
    assert.equal(over.status, 429);
    assert.equal(over.body.error_code, "RATE_LIMITED");
    assert.equal(over.headers.get("x-ratelimit-remaining"), "0");
    assert.ok(Number(over.headers.get("retry-after")) >= 1);
  });

  test("the OpenAPI document and its page are served, and the page asks nobody else", async () => {
    const { body } = await api.rest("GET", "/openapi.json");
    assert.equal(body.openapi, "3.1.0");
    assert.ok(body.paths["/api/v1/workflows/{workflow_id}/execute"].post);
    const page = await fetch(`${api.address}/docs`);
    const html = await page.text();
    assert.equal(page.status, 200);
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'self'/);
  });
});
