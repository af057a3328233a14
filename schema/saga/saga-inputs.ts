import { Field, ID, InputType, Int } from "type-graphql";
import { fieldTexts, type JsonObject as JsonObjectValue, skipCompensationInput } from "../../engine/index.ts";
import { eventInput, sagaCommandTexts, sagaInput, sagaTypeInput } from "../../saga/index.ts";
import { JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";

@InputType({ description: "What to start, and with what." })
@Told(fieldTexts(sagaInput))
export class StartSagaInput {
  @Field(() => String)
  type!: string;

  @Field(() => JsonObject, { nullable: true })
  input?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  correlationId?: string | null;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which saga to stop, and how." })
@Told(sagaCommandTexts)
export class CancelSagaInput {
  @Field(() => ID, { description: "The saga to stop." })
  sagaId!: string;

  @Field(() => Boolean, { defaultValue: true })
  compensate!: boolean;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@InputType({ description: "Which saga's undoing to take up again." })
export class ResumeCompensationInput {
  @Field(() => ID, { description: "A saga whose compensationStatus is FAILED." })
  sagaId!: string;
}

@InputType({ description: "What not to undo, and why." })
@Told(fieldTexts(skipCompensationInput))
export class SkipCompensationInput {
  @Field(() => ID, { description: "A saga whose compensationStatus is FAILED." })
  sagaId!: string;

  @Field(() => String)
  step!: string;

  @Field(() => String)
  reason!: string;
}

@InputType({ description: "What happened." })
@Told(fieldTexts(eventInput))
export class PublishEventInput {
  @Field(() => String)
  type!: string;

  @Field(() => String)
  aggregateType!: string;

  @Field(() => String)
  aggregateId!: string;

  @Field(() => JsonObject, { nullable: true })
  data?: JsonObjectValue | null;

  @Field(() => JsonObject, { nullable: true })
  metadata?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  correlationId?: string | null;

  @Field(() => String, { nullable: true })
  causationId?: string | null;

  @Field(() => Int, { nullable: true })
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
