import { Field, ID, ObjectType } from "type-graphql";
import { MutationPayload } from "../errors/user-error.ts";
import { Workflow } from "./workflow.ts";

@ObjectType({ implements: MutationPayload, description: "What createWorkflow did.", simpleResolvers: true })
export class CreateWorkflowPayload {
  @Field(() => Workflow, { nullable: true, description: "The new workflow." })
  readonly workflow?: Workflow;
}

@ObjectType({ implements: MutationPayload, description: "What updateWorkflow did.", simpleResolvers: true })
export class UpdateWorkflowPayload {
  @Field(() => Workflow, { nullable: true, description: "The workflow as it is now." })
  readonly workflow?: Workflow;
}

@ObjectType({ implements: MutationPayload, description: "What deleteWorkflow did.", simpleResolvers: true })
export class DeleteWorkflowPayload {
  @Field(() => ID, { nullable: true, description: "Id of the workflow that is gone: drop it from caches." })
  readonly deletedWorkflowId?: string;
}
