import { type JsonObject, parseInput } from "../model/index.ts";
import type { TemplateRow } from "../store/index.ts";
import { stepAliases } from "./built-in/index.ts";
import { customise, mergeObjects } from "./customise.ts";
import { workflowFromTemplate } from "./template-input.ts";

export interface WorkflowFromTemplate {
  readonly templateId: number;
  /** What WorkflowService.create takes: the template's values, the request's where it has any. */
  workflowInput(template: TemplateRow): JsonObject;
}

export function parseWorkflowFromTemplate(input: JsonObject): WorkflowFromTemplate {
  const request = parseInput(workflowFromTemplate, input);
  return {
    templateId: request.template_id,
    workflowInput(template) {
      const { workflow_description: description, cron_schedule: cron, custom_trigger_config: trigger } = request;
      const { defaultTriggerConfig } = template;
      const isBuiltIn = template.tenantId === null;
      return {
        name: request.workflow_name,
        description: description === undefined ? template.description : description,
        workflow_config: customise(
          template.definition,
          request.custom_config ?? {},
          isBuiltIn ? stepAliases(template.id) : {},
        ),
        trigger_config: trigger ? mergeObjects(defaultTriggerConfig ?? {}, trigger) : defaultTriggerConfig,
        cron_schedule: cron === undefined ? template.defaultCronSchedule : cron,
        is_scheduled: request.is_scheduled ?? false,
        trigger_on_file_upload: request.trigger_on_file_upload ?? false,
      };
    },
  };
}
