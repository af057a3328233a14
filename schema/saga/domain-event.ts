import { Field, ID, Int, ObjectType } from "type-graphql";
import { type DomainEvent as DomainEventRecord, domainEventTexts, streamOf } from "../../saga/index.ts";
import { connectionType } from "../relay/connection.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";
import { Told } from "../told.ts";

@ObjectType({
  description: "Something that happened, as services tell each other. Never changed, never removed.",
  simpleResolvers: true,
})
@Told(domainEventTexts)
export class DomainEvent {
  constructor(private readonly event: DomainEventRecord) {}

  @Field(() => ID, { description: "A UUID." })
  get id(): string {
    return this.event.id;
  }

  @Field(() => SafeInt)
  get position(): number {
    return this.event.position;
  }

  @Field(() => String)
  get type(): string {
    return this.event.type;
  }

  @Field(() => String)
  get aggregateType(): string {
    return this.event.aggregateType;
  }

  @Field(() => String)
  get aggregateId(): string {
    return this.event.aggregateId;
  }

  @Field(() => String, { description: "`<aggregateType>-<aggregateId>`." })
  get streamId(): string {
    return streamOf(this.event);
  }

  @Field(() => Int)
  get version(): number {
    return this.event.version;
  }

  @Field(() => JsonObject)
  get data() {
    return this.event.data;
  }

  @Field(() => JsonObject)
  get metadata() {
    return this.event.metadata;
  }

  @Field(() => String, { nullable: true })
  get correlationId(): string | null {
    return this.event.correlationId;
  }

  @Field(() => String, { nullable: true })
  get causationId(): string | null {
    return this.event.causationId;
  }

  @Field(() => DateTime, { description: "When." })
  get at(): Date {
    return this.event.at;
  }
}

export const DomainEventConnection = connectionType("DomainEvent", () => DomainEvent, "by position");
