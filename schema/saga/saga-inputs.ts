import { Field, ID, InputType, Int } from "type-graphql";
import { fieldTexts, type JsonObject as JsonObjectValue } from "../../engine/index.ts";
import { sagaTypeInput } from "../../saga/index.ts";
import { JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";

@InputType({ description: "What to start, and with what." })
export class StartSagaInput {
  @Field(() => String, { description: "Name of a registered type, or `workflow_execution`; else SAGA_TYPE_NOT_FOUND." })
  type!: string;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "As the type's schema says. At most 1 MiB. `workflow_execution`: `workflow_id`, and `execution_id` to adopt one. Default `{}`.",
  })
  input?: JsonObjectValue | null;

  @Field(() => String, { nullable: true, description: "1 to 255 characters. Default: the saga's id." })
  correlationId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "1 to 255 characters. The same key with the same input gives the same saga; with another IDEMPOTENCY_CONFLICT.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which saga to stop, and how." })
export class CancelSagaInput {
  @Field(() => ID, { description: "The saga to stop." })
  sagaId!: string;

  @Field(() => Boolean, { defaultValue: true, description: "Whether to undo what was done." })
  compensate!: boolean;

  @Field(() => String, { nullable: true, description: "Shown as the saga's error." })
  reason?: string | null;
}

@InputType({ description: "Which saga's undoing to take up again." })
export class ResumeCompensationInput {
  @Field(() => ID, { description: "A saga whose compensationStatus is FAILED." })
  sagaId!: string;
}

@InputType({ description: "What not to undo, and why." })
export class SkipCompensationInput {
  @Field(() => ID, { description: "A saga whose compensationStatus is FAILED." })
  sagaId!: string;

  @Field(() => String, { description: "Name of the step that stays as it is: the one whose compensation failed." })
  step!: string;

  @Field(() => String, { description: "Why, 1 to 255 characters; kept in the record and in the audit log." })
  reason!: string;
}

@InputType({ description: "What happened." })
export class PublishEventInput {
  @Field(() => String, { description: "Such as `order.paid`, 1 to 255 characters." })
  type!: string;

  @Field(() => String, { description: "What kind of thing it happened to, 1 to 255 characters." })
  aggregateType!: string;

  @Field(() => String, { description: "What it happened to, 1 to 255 characters." })
  aggregateId!: string;

  @Field(() => JsonObject, { nullable: true, description: "At most 1 MiB. Default `{}`." })
  data?: JsonObjectValue | null;

  @Field(() => JsonObject, { nullable: true, description: "Where it comes from. Default `{}`." })
  metadata?: JsonObjectValue | null;

  @Field(() => String, { nullable: true, description: "The work that it is part of." })
  correlationId?: string | null;

  @Field(() => String, { nullable: true, description: "Id of what caused it." })
  causationId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "The version that its stream must be at, 0 for a new one; else VERSION_CONFLICT. Default: any.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "A saga type, or the next version of one." })
@Told(fieldTexts(sagaTypeInput))
export class RegisterSagaTypeInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => JsonObject, { nullable: true })
  inputSchema?: JsonObjectValue | null;

  @Field(() => [JsonObject])
  steps!: JsonObjectValue[];

  @Field(() => Int, { nullable: true })
  timeoutSeconds?: number | null;

  @Field(() => Int, { nullable: true })
  maxRetries?: number | null;

  @Field(() => JsonObject, { nullable: true })
  trigger?: JsonObjectValue | null;
}
