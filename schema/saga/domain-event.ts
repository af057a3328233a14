import { Field, ID, Int, ObjectType } from "type-graphql";
import { type DomainEvent as DomainEventRecord, streamOf } from "../../saga/index.ts";
import { connectionType } from "../relay/connection.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";

@ObjectType({
  description: "Something that happened, as services tell each other. Never changed, never removed.",
  simpleResolvers: true,
})
export class DomainEvent {
  constructor(private readonly event: DomainEventRecord) {}

  @Field(() => ID, { description: "A UUID." })
  get id(): string {
    return this.event.id;
  }

  @Field(() => SafeInt, {
    description: "Counts from 1 in the tenant's store, without a gap. The cursor of the subscription `domainEvents`.",
  })
  get position(): number {
    return this.event.position;
  }

  @Field(() => String, { description: "What happened, such as `order.paid`." })
  get type(): string {
    return this.event.type;
  }

  @Field(() => String, { description: "What kind of thing it happened to." })
  get aggregateType(): string {
    return this.event.aggregateType;
  }

  @Field(() => String, { description: "What it happened to." })
  get aggregateId(): string {
    return this.event.aggregateId;
  }

  @Field(() => String, { description: "`<aggregateType>-<aggregateId>`." })
  get streamId(): string {
    return streamOf(this.event);
  }

  @Field(() => Int, { description: "Counts from 1 in its stream, without a gap." })
  get version(): number {
    return this.event.version;
  }

  @Field(() => JsonObject, { description: "What is to be known of it." })
  get data() {
    return this.event.data;
  }

  @Field(() => JsonObject, { description: "Where it comes from." })
  get metadata() {
    return this.event.metadata;
  }

  @Field(() => String, { nullable: true, description: "The work that it is part of." })
  get correlationId(): string | null {
    return this.event.correlationId;
  }

  @Field(() => String, { nullable: true, description: "Id of what caused it." })
  get causationId(): string | null {
    return this.event.causationId;
  }

  @Field(() => DateTime, { description: "When." })
  get at(): Date {
    return this.event.at;
  }
}

export const DomainEventConnection = connectionType("DomainEvent", () => DomainEvent, "by position");
