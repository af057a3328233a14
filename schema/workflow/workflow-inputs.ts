import { Field, ID, InputType, Int } from "type-graphql";
import {
  fieldTexts,
  type JsonObject as JsonObjectValue,
  type WorkflowStatus,
  workflowInput,
  workflowPatch,
} from "../../engine/index.ts";
import { toCommaText, toDocumentedNames } from "../documented-input.ts";
import { JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";
import { WorkflowStatusEnum } from "./workflow.ts";

@InputType({ description: "Which workflows. What is absent does not restrict." })
export class WorkflowFilter {
  @Field(() => [WorkflowStatusEnum], {
    nullable: true,
    description: "With one of these. Default: every status but DELETED.",
  })
  status?: WorkflowStatus[] | null;
}

@InputType({ description: "A new workflow." })
@Told(fieldTexts(workflowInput))
export class CreateWorkflowInput {
  @Field(() => String)
  name!: string;

  @Field(() => JsonObject, {
    description:
      "The steps: `{steps: [{name, type, config, …}]}`. At most 1 MiB, 1,000 steps, nested 32 deep. `validateDefinition` checks one without saving it.",
  })
  definition!: JsonObjectValue;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => Int, { nullable: true })
  timeoutSeconds?: number | null;

  @Field(() => Int, { nullable: true })
  maxRetries?: number | null;

  @Field(() => Int, { nullable: true })
  retentionDays?: number | null;

  @Field(() => Boolean, { nullable: true })
  isEnabled?: boolean | null;

  @Field(() => JsonObject, { nullable: true })
  triggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  cronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true })
  isScheduled?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  triggerOnFileUpload?: boolean | null;

  @Field(() => [String], { nullable: true })
  triggerFileExtensions?: string[] | null;
}

@InputType({
  description:
    "Changes to a workflow: what is absent stays; null clears what can be null. Another definition, timeoutSeconds or maxRetries makes a new version.",
})
@Told(fieldTexts(workflowPatch))
export class UpdateWorkflowInput implements Partial<Omit<CreateWorkflowInput, "name" | "definition">> {
  @Field(() => ID, { description: "The workflow to change." })
  workflowId!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: "New steps: they make a new version. Executions that were started before stay on theirs.",
  })
  definition?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => WorkflowStatusEnum, { nullable: true, description: "ACTIVE, INACTIVE or PAUSED." })
  status?: WorkflowStatus | null;

  @Field(() => Int, { nullable: true })
  timeoutSeconds?: number | null;

  @Field(() => Int, { nullable: true })
  maxRetries?: number | null;

  @Field(() => Int, { nullable: true })
  retentionDays?: number | null;

  @Field(() => Boolean, { nullable: true })
  isEnabled?: boolean | null;

  @Field(() => JsonObject, { nullable: true })
  triggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  cronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true })
  isScheduled?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  triggerOnFileUpload?: boolean | null;

  @Field(() => [String], { nullable: true })
  triggerFileExtensions?: string[] | null;
}

@InputType({ description: "Which workflow to delete." })
export class DeleteWorkflowInput {
  @Field(() => ID, { description: "The workflow to delete." })
  workflowId!: string;
}

export function toDocumentedInput(
  input: CreateWorkflowInput | Omit<UpdateWorkflowInput, "workflowId">,
): JsonObjectValue {
  const { definition, triggerFileExtensions, ...rest } = input;
  return {
    ...toDocumentedNames(rest),
    ...(definition !== undefined && { workflow_config: definition }),
    ...(triggerFileExtensions !== undefined && {
      trigger_file_extensions:
        triggerFileExtensions === null ? null : toCommaText(triggerFileExtensions, "trigger_file_extensions"),
    }),
  };
}
