import { z } from "zod";
import {
  type Engine,
  type JsonObject,
  templateTexts,
  templateUsageTexts,
  workflowFromTemplate,
} from "../engine/index.ts";
import { checkedByEngine, id, idParameter, isoOrNull, timestamp } from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestServer } from "./rest-server.ts";

const tags = ["templates"];

export function createWorkflowFromTemplate(server: RestServer, { templates }: Engine): void {
  server.post(
    "/api/v1/templates/create-workflow",
    {
      config: { access: "write", limit: "workflow_creation" },
      schema: {
        tags,
        operationId: "createWorkflowFromTemplate",
        summary: "Create a workflow from a template",
        body: checkedByEngine(workflowFromTemplate),
        response: {
          200: z.strictObject({ message: z.string(), workflow_id: id, template_id: id }),
          ...refusals(400, 401, 403, 404, 409, 429),
        },
      },
    },
    async (request) => {
      const made = await templates.createWorkflow(actorOf(request).tenantId, request.body as JsonObject);
      const message = "Workflow created from template successfully";
      return { message, workflow_id: made.id, template_id: made.templateId! };
    },
  );
}

export function getTemplateUsage(server: RestServer, { templates }: Engine): void {
  server.get(
    "/api/v1/templates/:template_id/usage-stats",
    {
      config: { access: "read", limit: "templates" },
      schema: {
        tags,
        operationId: "getTemplateUsage",
        summary: "How often a template was used, and how the executions of its workflows went",
        params: z.strictObject({ template_id: idParameter }),
        response: {
          200: z.strictObject({
            template_id: id,
            usage_count: z.int().min(0).describe(templateTexts.usage_count),
            total_executions: z.int().min(0).describe(templateUsageTexts.total_executions),
            successful_executions: z.int().min(0),
            failed_executions: z.int().min(0),
            success_rate: z.number().min(0).max(100).describe(templateUsageTexts.success_rate),
            last_used_at: timestamp.nullable(),
          }),
          ...refusals(400, 401, 403, 404, 429),
        },
      },
    },
    async (request) => {
      const usage = await templates.usageStats(actorOf(request).tenantId, request.params.template_id);
      return {
        template_id: usage.templateId,
        usage_count: usage.usageCount,
        total_executions: usage.totalExecutions,
        successful_executions: usage.successfulExecutions,
        failed_executions: usage.failedExecutions,
        success_rate: usage.successRate,
        last_used_at: isoOrNull(usage.lastUsedAt),
      };
    },
  );
}
