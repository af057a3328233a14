import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { JsonObject } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { toCommaText, toDocumentedNames, withoutNulls } from "../documented-input.ts";
import { attempt } from "../errors/user-error.ts";
import { fromNodeId, toNodeId } from "../relay/node-id.ts";
import { Workflow } from "../workflow/workflow.ts";
import { Template } from "./template.ts";
import {
  CreateTemplateInput,
  CreateWorkflowFromTemplateInput,
  DeleteTemplateInput,
  UpdateTemplateInput,
} from "./template-inputs.ts";
import {
  CreateTemplatePayload,
  CreateWorkflowFromTemplatePayload,
  DeleteTemplatePayload,
  UpdateTemplatePayload,
} from "./template-payloads.ts";

@Resolver()
export class TemplateMutations {
  @Mutation(() => CreateTemplatePayload, {
    description: "Creates a template. User errors: VALIDATION_FAILED, INVALID_CRON, NAME_TAKEN.",
  })
  createTemplate(
    @Arg("input", () => CreateTemplateInput, { description: "The new template." }) input: CreateTemplateInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const made = await engine.templates.create(actor.tenantId, toDocumentedInput(withoutNulls(input)));
      return { template: new Template(made) };
    });
  }

  @Mutation(() => UpdateTemplatePayload, {
    description:
      "Changes what the input names of a template. User errors: TEMPLATE_NOT_FOUND, also for another tenant's; VALIDATION_FAILED, INVALID_CRON, NAME_TAKEN. FORBIDDEN for a built-in one.",
  })
  updateTemplate(
    @Arg("input", () => UpdateTemplateInput, { description: "The template and its changes." })
    input: UpdateTemplateInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { templateId, ...changes } = input;
      const id = fromNodeId("Template", templateId, "templateId");
      return { template: new Template(await engine.templates.update(actor.tenantId, id, toDocumentedInput(changes))) };
    });
  }

  @Mutation(() => DeleteTemplatePayload, {
    description:
      "Deletes a template; workflows that were made from it stay. User error: TEMPLATE_NOT_FOUND, also for another tenant's. FORBIDDEN for a built-in one.",
  })
  deleteTemplate(
    @Arg("input", () => DeleteTemplateInput, { description: "Which template." }) input: DeleteTemplateInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("Template", input.templateId, "templateId");
      await engine.templates.remove(actor.tenantId, id);
      return { deletedTemplateId: toNodeId("Template", id) };
    });
  }

  @Mutation(() => CreateWorkflowFromTemplatePayload, {
    description:
      "Makes a workflow from a template and counts the use, both or neither. User errors: TEMPLATE_NOT_FOUND, VALIDATION_FAILED (a parameter without a value is one, with its path in the definition), INVALID_CRON, NAME_TAKEN.",
  })
  createWorkflowFromTemplate(
    @Arg("input", () => CreateWorkflowFromTemplateInput, {
      description: "The template, and where the workflow differs.",
    })
    input: CreateWorkflowFromTemplateInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { templateId, isScheduled, triggerOnFileUpload, ...rest } = input;
      const made = await engine.templates.createWorkflow(actor.tenantId, {
        ...toDocumentedNames({ ...rest, ...withoutNulls({ isScheduled, triggerOnFileUpload }) }),
        template_id: fromNodeId("Template", templateId, "templateId"),
      });
      return { workflow: new Workflow(made) };
    });
  }
}

function toDocumentedInput(input: Partial<CreateTemplateInput>): JsonObject {
  const { definition, tags, ...rest } = input;
  return {
    ...toDocumentedNames(rest),
    ...(definition !== undefined && { template_config: definition }),
    ...(tags !== undefined && { tags: tags && toCommaText(tags, "tags") }),
  };
}
