import { Field, Int, ObjectType } from "type-graphql";
import { fieldMeanings, type JsonObject as JsonObjectValue } from "../../engine/index.ts";
import { type SagaType as SagaTypeRecord, sagaTypeInput } from "../../saga/index.ts";
import { DateTime, JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";

@ObjectType({
  description: "A registered saga type, as it is now. Sagas that run keep their version.",
  simpleResolvers: true,
})
@Told(fieldMeanings(sagaTypeInput))
export class SagaType {
  constructor(private readonly type: SagaTypeRecord) {}

  @Field(() => String, { description: "Unique in the tenant." })
  get name(): string {
    return this.type.name;
  }

  @Field(() => String, { nullable: true })
  get description(): string | null {
    return this.type.description;
  }

  @Field(() => Int, { description: "Grows with each registration that changes something." })
  get version(): number {
    return this.type.version;
  }

  @Field(() => JsonObject, { nullable: true })
  get inputSchema() {
    return (this.type.document.input_schema ?? null) as JsonObjectValue | null;
  }

  @Field(() => [JsonObject], { description: "Its steps, as they were registered." })
  get steps() {
    return this.type.document.steps as unknown as JsonObjectValue[];
  }

  @Field(() => Int)
  get timeoutSeconds(): number {
    return this.type.document.timeout_seconds as number;
  }

  @Field(() => Int)
  get maxRetries(): number {
    return this.type.document.max_retries as number;
  }

  @Field(() => JsonObject, { nullable: true })
  get trigger() {
    return (this.type.document.trigger ?? null) as JsonObjectValue | null;
  }

  @Field(() => DateTime, { description: "When it was first registered." })
  get createdAt(): Date {
    return this.type.createdAt;
  }

  @Field(() => DateTime, { description: "When its latest version was." })
  get updatedAt(): Date {
    return this.type.updatedAt;
  }
}
