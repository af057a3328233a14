import { Field, ID, InputType } from "type-graphql";
import type { ForkRequest, JsonObject as JsonObjectValue, JsonValue } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
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

const ForkDefinitionEnum = enumeration<ForkRequest["definition"]>(
  "ForkDefinition",
  "Which version of the workflow a fork runs.",
  { pinned: "That of the execution that is forked.", latest: "The workflow's current one." },
);

@InputType({ description: "Which execution to fork, where, and what is to be different." })
export class ForkExecutionInput {
  @Field(() => ID, { description: "The execution to fork, over or not. It is not changed." })
  executionId!: string;

  @Field(() => String, {
    description:
      "Name of the step to begin at. It and all that come after it run; what is before it must have settled, or have an output in outputPatches.",
  })
  fromStep!: string;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "JSON Merge Patch (RFC 7396) of the trigger data: objects merge, null removes, anything else replaces. The result has at most 1 MiB. Default: no change.",
  })
  triggerDataPatch?: JsonObjectValue | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "Step name → JSON Merge Patch of its output, for steps before fromStep; the step then counts as completed. Each result has at most 1 MiB. Default: no change.",
  })
  outputPatches?: JsonObjectValue | null;

  @Field(() => ForkDefinitionEnum, {
    defaultValue: "pinned",
    description: "Which version to run. Under LATEST, steps are the same when name and type are. Default PINNED.",
  })
  definition!: ForkRequest["definition"];

  @Field(() => String, {
    nullable: true,
    description:
      "1 to 255 characters, of the same workflow's starts and forks. The same key with the same input gives the same execution; with another IDEMPOTENCY_CONFLICT. Default: each call starts one.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which execution to stop, and how." })
export class CancelExecutionInput {
  @Field(() => ID, { description: "The execution to stop." })
  executionId!: string;

  @Field(() => Boolean, { defaultValue: true, description: "Whether to undo what was done, where steps say how." })
  compensate!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Shown as the execution's error, at most 2,000 characters. Default `Cancelled by request`.",
  })
  reason?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "1 to 255 characters, of the execution's commands. The same key with the same input is carried out once and answered alike; with another IDEMPOTENCY_CONFLICT. Default: each call is another.",
  })
  idempotencyKey?: string | null;
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

  @Field(() => Json, { nullable: true, description: "Becomes the step's output. At most 1 MiB. Default null." })
  data?: JsonValue;

  @Field(() => String, {
    nullable: true,
    description:
      "1 to 255 characters, of the execution's commands. The same key with the same input is carried out once and answered alike; with another IDEMPOTENCY_CONFLICT. Default: each call is another.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "A person's decision." })
export class ApproveStepInput {
  @Field(() => ID, { description: "The step that waits for it." })
  stepId!: string;

  @Field(() => Boolean, { defaultValue: true, description: "False refuses: the step fails with APPROVAL_REJECTED." })
  approved!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Who decided; shown in the step's output. At most 2,000 characters.",
  })
  by?: string | null;

  @Field(() => String, { nullable: true, description: "Shown in the step's output. At most 2,000 characters." })
  comment?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "1 to 255 characters, of the execution's commands. The same key with the same input is carried out once and answered alike; with another IDEMPOTENCY_CONFLICT. Default: each call is another.",
  })
  idempotencyKey?: string | null;
}
