import type { JsonObject } from "../../engine/model/json.ts";
import type { TestApi } from "../support/api.ts";
import { TENANT } from "../support/engine.ts";

const log = { name: "hello", type: "log", config: { message: "hi" } };
const failing = { name: "check", type: "file_process", config: { action: "validate", file_id: "999999" } };

/** What the document cannot tell: ids of things that exist, and bodies that mean something. */
export class Given {
  private made = 0;

  constructor(private readonly api: TestApi) {}

  /** A fresh thing for a path parameter of this name. */
  async idFor(parameter: string): Promise<string> {
    switch (parameter) {
      case "workflow_id":
        return String((await this.post("/api/v1/workflows", this.workflow())).id);
      case "template_id":
        return String((await this.post("/api/v1/templates", this.template())).id);
      case "execution_id":
        return String((await this.execution(log)).execution_id);
      case "step_id":
        return String((await this.failedStep()).id);
      case "file_id":
        return String(await this.file());
      case "token":
        return this.hookToken();
      default:
        throw new Error(`tests/contract/given.ts has no ${parameter}: make one there`);
    }
  }

  /** A good body; null: the operation needs none. */
  bodyFor(operationId: string): JsonObject | null {
    switch (operationId) {
      case "createWorkflow":
        return this.workflow();
      case "updateWorkflow":
        return { description: "changed", max_retries: 1, trigger_config: null };
      case "createTemplate":
        return this.template();
      case "updateTemplate":
        return { description: "changed", tags: "a,b" };
      case "createWorkflowFromTemplate":
        return {
          template_id: 1,
          workflow_name: this.name("from a template"),
          custom_config: { steps: [{ name: "http_request", config: { url: "https://api.example.com/data" } }] },
          cron_schedule: "0 9 * * *",
          is_scheduled: true,
        };
      case "executeWorkflow":
      case "triggerWorkflow":
        return { trigger_data: { file_id: "123", custom_params: { priority: "high" } } };
      case "processFile":
        return { extract_content: true, trigger_workflows: false };
      case "callHook":
        return { order: 7 };
      default:
        return null;
    }
  }

  private name(what: string): string {
    return `${what} ${++this.made}`;
  }

  private workflow(): JsonObject {
    return {
      name: this.name("contract"),
      description: "of the contract suite",
      workflow_config: { steps: [log] },
      trigger_config: { type: "manual", enabled: true },
      timeout_seconds: 60,
      is_enabled: true,
    };
  }

  private template(): JsonObject {
    return {
      name: this.name("contract template"),
      category: "integration",
      template_config: { steps: [{ name: "fetch", type: "http_request", config: { url: "{{api_endpoint}}" } }] },
      default_trigger_config: { type: "schedule", enabled: false },
      default_cron_schedule: "0 9 * * 1",
      is_public: true,
      tags: "api,integration,custom",
    };
  }

  private async execution(step: JsonObject): Promise<JsonObject> {
    const { id } = await this.post("/api/v1/workflows", { ...this.workflow(), workflow_config: { steps: [step] } });
    const started = await this.post(`/api/v1/workflows/${id}/execute`, {});
    const { executions } = this.api.t.engine;
    for await (const _ of await executions.events(TENANT, Number(started.execution_id), 0));
    // Nobody makes domain events here, for which a removal waits.
    await this.api.t.pool.query("DELETE FROM journal_note");
    return started;
  }

  private async failedStep(): Promise<JsonObject> {
    const { execution_id } = await this.execution({ ...failing, retry: { max_attempts: 1 } });
    const { body } = await this.api.rest("GET", `/api/v1/workflows/executions/${execution_id}/steps`);
    return body[0];
  }

  private async file(): Promise<number> {
    const form = new FormData();
    form.set("file", new File([`a,b\n1,${++this.made}\n`], "table.csv", { type: "text/csv" }));
    return (await this.upload(form)).id;
  }

  async upload(form: FormData): Promise<{ readonly id: number }> {
    const response = await fetch(`${this.api.address}/api/v1/files/upload`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.api.secret}` },
      body: form,
    });
    return (await response.json()) as { id: number };
  }

  private async hookToken(): Promise<string> {
    const workflowId = Number(await this.idFor("workflow_id"));
    const { token } = await this.api.t.engine.hooks.create(TENANT, {
      workflow_id: workflowId,
      name: this.name("hook"),
      is_unsigned: true,
    });
    return token;
  }

  private async post(path: string, body: JsonObject): Promise<JsonObject> {
    const answer = await this.api.rest("POST", path, body);
    if (answer.status !== 200) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
