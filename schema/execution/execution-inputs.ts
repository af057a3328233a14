import { Field, ID, InputType } from "type-graphql";
import type { JsonObject as JsonObjectValue, JsonValue } from "../../engine/index.ts";
import { Json, JsonObject } from "../scalars.ts";

@InputType({ description: "What to execute, and with what." })
export class ExecuteWorkflowInput {
  @Field(() => ID, { description: "The workflow to execute: ACTIVE and enabled, else WORKFLOW_NOT_EXECUTABLE." })
  workflowId!: string;

  @Field(() => JsonObject, {
    nullable: true,
    description: "`{{trigger.…}}` in the definition. At most 1 MiB. Default `{}`.",
  })
  triggerData?: JsonObjectValue | null;

  @Field(() => String, {
    nullable: true,
    description:
      "1 to 255 characters. The same key with the same triggerData gives the same execution, so a start can be sent again; with another triggerData IDEMPOTENCY_CONFLICT. Default: each call starts one.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which execution to stop, and how." })
export class CancelExecutionInput {
  @Field(() => ID, { description: "The execution to stop." })
  executionId!: string;

  @Field(() => Boolean, { defaultValue: true, description: "Whether to undo what was done, where steps say how." })
  compensate!: boolean;

  @Field(() => String, { nullable: true, description: "Shown as the execution's error." })
  reason?: string | null;
}

@InputType({ description: "Which execution to hold." })
export class PauseExecutionInput {
  @Field(() => ID, { description: "The execution to hold." })
  executionId!: string;
}

@InputType({ description: "Which execution to let go on." })
export class ResumeExecutionInput {
  @Field(() => ID, { description: "The paused execution." })
  executionId!: string;
}

@InputType({ description: "Which step to try again." })
export class RetryStepInput {
  @Field(() => ID, { description: "The failed step." })
  stepId!: string;
}

@InputType({ description: "Which step to do without." })
export class SkipStepInput {
  @Field(() => ID, { description: "The step that waits, or that failed its execution." })
  stepId!: string;

  @Field(() => Json, {
    nullable: true,
    description:
      "What later steps and the result see in its place, at most 1 MiB. Default null: nothing, as of a step whose `if` was false.",
  })
  output?: JsonValue;

  @Field(() => String, {
    nullable: true,
    description: "Why; shown in the event, at most 2,000 characters. Default `Skipped by request`.",
  })
  reason?: string | null;
}

@InputType({ description: "An event for an execution." })
export class SendEventInput {
  @Field(() => ID, { description: "The execution that it is for." })
  executionId!: string;

  @Field(() => String, { description: "The `event` that a wait_for_event step names, 1 to 255 characters." })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: "The `correlation` that the step asks for, if it does; 1 to 255 characters.",
  })
  correlation?: string | null;

  @Field(() => Json, { nullable: true, description: "Becomes the step's output. Default null." })
  data?: JsonValue;
}

@InputType({ description: "A person's decision." })
export class ApproveStepInput {
  @Field(() => ID, { description: "The step that waits for it." })
  stepId!: string;

  @Field(() => Boolean, { defaultValue: true, description: "False refuses: the step fails with APPROVAL_REJECTED." })
  approved!: boolean;

  @Field(() => String, { nullable: true, description: "Who decided; shown in the step's output." })
  by?: string | null;

  @Field(() => String, { nullable: true, description: "Shown in the step's output." })
  comment?: string | null;
}
