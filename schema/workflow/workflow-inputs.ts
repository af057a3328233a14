import { Field, ID, InputType, Int } from "type-graphql";
import type { JsonObject as JsonObjectValue, WorkflowStatus } from "../../engine/index.ts";
import { toCommaText, toDocumentedNames } from "../documented-input.ts";
import { JsonObject } from "../scalars.ts";
import { WorkflowStatusEnum } from "./workflow-status.ts";

@InputType({ description: "Which workflows. What is absent does not restrict." })
export class WorkflowFilter {
  @Field(() => [WorkflowStatusEnum], {
    nullable: true,
    description: "With one of these. Default: every status but DELETED.",
  })
  status?: WorkflowStatus[] | null;
}

@InputType({ description: "A new workflow." })
export class CreateWorkflowInput {
  @Field(() => String, { description: "1 to 255 characters, unique among the tenant's workflows; else NAME_TAKEN." })
  name!: string;

  @Field(() => JsonObject, {
    description:
      "The steps: `{steps: [{name, type, config, …}]}`. At most 1 MiB, 1,000 steps, nested 32 deep. `validateDefinition` checks one without saving it.",
  })
  definition!: JsonObjectValue;

  @Field(() => String, { nullable: true, description: "Free text, at most 10,000 characters." })
  description?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Limit of a whole execution in seconds, 1 to 31,536,000. Default 300.",
  })
  timeoutSeconds?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Retries after the first attempt of each step that has no `retry` of its own, 0 to 100. Default 3.",
  })
  maxRetries?: number | null;

  @Field(() => Boolean, { nullable: true, description: "A disabled workflow cannot be executed. Default true." })
  isEnabled?: boolean | null;

  @Field(() => JsonObject, { nullable: true, description: "Settings of its trigger: `{type, enabled, …}`." })
  triggerConfig?: JsonObjectValue | null;

  @Field(() => String, {
    nullable: true,
    description: "When it starts by itself: 5-field cron expression, UTC; else INVALID_CRON.",
  })
  cronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether `cronSchedule` fires. Default false." })
  isScheduled?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether each matching file upload starts it. Default false." })
  triggerOnFileUpload?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: "Extensions of files that start it, without dots. Default: any.",
  })
  triggerFileExtensions?: string[] | null;
}

@InputType({ description: "Changes to a workflow: what is absent stays; null clears what can be null." })
export class UpdateWorkflowInput implements Partial<Omit<CreateWorkflowInput, "name" | "definition">> {
  @Field(() => ID, { description: "The workflow to change." })
  workflowId!: string;

  @Field(() => String, { nullable: true, description: "1 to 255 characters, unique among the tenant's workflows." })
  name?: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: "New steps: they make a new version. Executions that were started before stay on theirs.",
  })
  definition?: JsonObjectValue | null;

  @Field(() => String, { nullable: true, description: "Free text, at most 10,000 characters; null clears it." })
  description?: string | null;

  @Field(() => WorkflowStatusEnum, { nullable: true, description: "ACTIVE, INACTIVE or PAUSED." })
  status?: WorkflowStatus | null;

  @Field(() => Int, {
    nullable: true,
    description: "Limit of a whole execution in seconds, 1 to 31,536,000. Makes a new version.",
  })
  timeoutSeconds?: number | null;

  @Field(() => Int, { nullable: true, description: "Retries of each step, 0 to 100. Makes a new version." })
  maxRetries?: number | null;

  @Field(() => Boolean, { nullable: true, description: "A disabled workflow cannot be executed." })
  isEnabled?: boolean | null;

  @Field(() => JsonObject, { nullable: true, description: "Settings of its trigger; null clears them." })
  triggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true, description: "5-field cron expression, UTC; null clears it." })
  cronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether `cronSchedule` fires." })
  isScheduled?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether each matching file upload starts it." })
  triggerOnFileUpload?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: "Extensions of files that start it, without dots; null or none: any.",
  })
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
