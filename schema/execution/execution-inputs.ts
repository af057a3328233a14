import { Field, ID, InputType } from "type-graphql";
import {
  approvalInput,
  cancelInput,
  type ForkRequest,
  fieldTexts,
  forkInput,
  type JsonObject as JsonObjectValue,
  type JsonValue,
  sendEventInput,
  skipInput,
  startInput,
} from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { Json, JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";

@InputType({ description: "What to execute, and with what." })
@Told(fieldTexts(startInput))
export class ExecuteWorkflowInput {
  @Field(() => ID, { description: "The workflow to execute: ACTIVE and enabled, else WORKFLOW_NOT_EXECUTABLE." })
  workflowId!: string;

  @Field(() => JsonObject, { nullable: true })
  triggerData?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string | null;
}

const ForkDefinitionEnum = enumeration<ForkRequest["definition"]>(
  "ForkDefinition",
  "Which version of the workflow a fork runs.",
  { pinned: "That of the execution that is forked.", latest: "The workflow's current one." },
);

@InputType({ description: "Which execution to fork, where, and what is to be different." })
@Told(fieldTexts(forkInput))
export class ForkExecutionInput {
  @Field(() => ID, { description: "The execution to fork, over or not. It is not changed." })
  executionId!: string;

  @Field(() => String)
  fromStep!: string;

  @Field(() => JsonObject, { nullable: true })
  triggerDataPatch?: JsonObjectValue | null;

  @Field(() => JsonObject, { nullable: true })
  outputPatches?: JsonObjectValue | null;

  @Field(() => ForkDefinitionEnum, {
    defaultValue: "pinned",
    description: "Which version to run. Under LATEST, steps are the same when name and type are. Default PINNED.",
  })
  definition!: ForkRequest["definition"];

  @Field(() => String, { nullable: true })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which execution to stop, and how." })
@Told(fieldTexts(cancelInput))
export class CancelExecutionInput {
  @Field(() => ID, { description: "The execution to stop." })
  executionId!: string;

  @Field(() => Boolean, { defaultValue: true })
  compensate!: boolean;

  @Field(() => String, { nullable: true })
  reason?: string | null;

  @Field(() => String, { nullable: true })
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
@Told(fieldTexts(skipInput))
export class SkipStepInput {
  @Field(() => ID, { description: "The step that waits, or that failed its execution." })
  stepId!: string;

  @Field(() => Json, { nullable: true })
  output?: JsonValue;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@InputType({ description: "An event for an execution." })
@Told(fieldTexts(sendEventInput))
export class SendEventInput {
  @Field(() => ID, { description: "The execution that it is for." })
  executionId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  correlation?: string | null;

  @Field(() => Json, { nullable: true })
  data?: JsonValue;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string | null;
}

@InputType({ description: "A person's decision." })
@Told(fieldTexts(approvalInput))
export class ApproveStepInput {
  @Field(() => ID, { description: "The step that waits for it." })
  stepId!: string;

  @Field(() => Boolean, { defaultValue: true })
  approved!: boolean;

  @Field(() => String, { nullable: true })
  by?: string | null;

  @Field(() => String, { nullable: true })
  comment?: string | null;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string | null;
}
