import { Field, Int, ObjectType } from "type-graphql";
import type { ExecutionEvent as EventRecord, EventType } from "../../engine/index.ts";
import { ExecutionEventTypeEnum } from "../execution/execution-event.ts";
import { DateTime, JsonObject } from "../scalars.ts";

@ObjectType({ description: "A change of a saga, stored with that change in one commit.", simpleResolvers: true })
export class SagaEvent {
  constructor(private readonly event: EventRecord) {}

  @Field(() => Int, { description: "Counts from 1 for each saga, without a gap. The cursor of `sagaEvents`." })
  get seq(): number {
    return this.event.seq;
  }

  @Field(() => ExecutionEventTypeEnum, { description: "What happened." })
  get type(): EventType {
    return this.event.type;
  }

  @Field(() => String, {
    nullable: true,
    description: "Name of the step that it is about; `charge[undo]` for the undoing of `charge`.",
  })
  get stepName(): string | null {
    return this.event.stepId !== null && "name" in this.event.data ? this.event.data.name : null;
  }

  @Field(() => DateTime, { description: "When." })
  get at(): number {
    return this.event.at;
  }

  @Field(() => JsonObject, { description: "Details, in the names of the REST API. Values of secrets are masked." })
  get data() {
    return this.event.data;
  }
}
