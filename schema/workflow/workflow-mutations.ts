import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { withoutNulls } from "../documented-input.ts";
import { attempt } from "../errors/user-error.ts";
import { fromNodeId, toNodeId } from "../relay/node-id.ts";
import { Workflow } from "./workflow.ts";
import { CreateWorkflowInput, DeleteWorkflowInput, toDocumentedInput, UpdateWorkflowInput } from "./workflow-inputs.ts";
import { CreateWorkflowPayload, DeleteWorkflowPayload, UpdateWorkflowPayload } from "./workflow-payloads.ts";

@Resolver()
export class WorkflowMutations {
  @Mutation(() => CreateWorkflowPayload, {
    description:
      "Creates a workflow. User errors: VALIDATION_FAILED, WORKFLOW_CONFIG_REQUIRED, INVALID_CRON, NAME_TAKEN.",
  })
  createWorkflow(
    @Arg("input", () => CreateWorkflowInput, { description: "The new workflow." }) input: CreateWorkflowInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const created = await engine.workflows.create(actor.tenantId, toDocumentedInput(withoutNulls(input)));
      return { workflow: new Workflow(created) };
    });
  }

  @Mutation(() => UpdateWorkflowPayload, {
    description:
      "Changes what the input names of a workflow. User errors: WORKFLOW_NOT_FOUND, VALIDATION_FAILED, WORKFLOW_CONFIG_REQUIRED, INVALID_CRON, NAME_TAKEN.",
  })
  updateWorkflow(
    @Arg("input", () => UpdateWorkflowInput, { description: "The workflow and its changes." })
    input: UpdateWorkflowInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { workflowId, ...changes } = input;
      const id = fromNodeId("Workflow", workflowId, "workflowId");
      return { workflow: new Workflow(await engine.workflows.update(actor.tenantId, id, toDocumentedInput(changes))) };
    });
  }

  @Mutation(() => DeleteWorkflowPayload, {
    description:
      "Deletes a workflow; its name is free again. Executions that run go on, and past ones can still be read. User error: WORKFLOW_NOT_FOUND.",
  })
  deleteWorkflow(
    @Arg("input", () => DeleteWorkflowInput, { description: "Which workflow." }) input: DeleteWorkflowInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("Workflow", input.workflowId, "workflowId");
      await engine.workflows.delete(actor.tenantId, id);
      return { deletedWorkflowId: toNodeId("Workflow", id) };
    });
  }
}
