import { Field, ID, ObjectType } from "type-graphql";
import { MutationPayload } from "../errors/user-error.ts";
import { Workflow } from "../workflow/workflow.ts";
import { Template } from "./template.ts";

@ObjectType({ implements: MutationPayload, description: "What createTemplate did.", simpleResolvers: true })
export class CreateTemplatePayload {
  @Field(() => Template, { nullable: true, description: "The new template." })
  readonly template?: Template;
}

@ObjectType({ implements: MutationPayload, description: "What updateTemplate did.", simpleResolvers: true })
export class UpdateTemplatePayload {
  @Field(() => Template, { nullable: true, description: "The template as it is now." })
  readonly template?: Template;
}

@ObjectType({ implements: MutationPayload, description: "What deleteTemplate did.", simpleResolvers: true })
export class DeleteTemplatePayload {
  @Field(() => ID, { nullable: true, description: "Id of the template that is gone: drop it from caches." })
  readonly deletedTemplateId?: string;
}

@ObjectType({ implements: MutationPayload, description: "What createWorkflowFromTemplate did.", simpleResolvers: true })
export class CreateWorkflowFromTemplatePayload {
  @Field(() => Workflow, { nullable: true, description: "The new workflow; its `template` shows the use." })
  readonly workflow?: Workflow;
}
