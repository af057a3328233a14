import { Field, ObjectType } from "type-graphql";
import { MutationPayload } from "../errors/user-error.ts";
import { DomainEvent } from "./domain-event.ts";
import { Saga } from "./saga.ts";
import { SagaType } from "./saga-type.ts";

const AFTER = "The saga after it has acted on this, or as it is after two seconds: the request is stored by then.";

@ObjectType({ implements: MutationPayload, description: "What startSaga did.", simpleResolvers: true })
export class StartSagaPayload {
  @Field(() => Saga, { nullable: true, description: "The saga: stored, and maybe over already." })
  readonly saga?: Saga;
}

@ObjectType({ implements: MutationPayload, description: "What cancelSaga did.", simpleResolvers: true })
export class CancelSagaPayload {
  @Field(() => Saga, { nullable: true, description: AFTER })
  readonly saga?: Saga;
}

@ObjectType({ implements: MutationPayload, description: "What resumeCompensation did.", simpleResolvers: true })
export class ResumeCompensationPayload {
  @Field(() => Saga, { nullable: true, description: AFTER })
  readonly saga?: Saga;
}

@ObjectType({ implements: MutationPayload, description: "What skipCompensation did.", simpleResolvers: true })
export class SkipCompensationPayload {
  @Field(() => Saga, { nullable: true, description: AFTER })
  readonly saga?: Saga;
}

@ObjectType({ implements: MutationPayload, description: "What publishEvent did.", simpleResolvers: true })
export class PublishEventPayload {
  @Field(() => DomainEvent, { nullable: true, description: "The event as it is stored." })
  readonly event?: DomainEvent;
}

@ObjectType({ implements: MutationPayload, description: "What registerSagaType did.", simpleResolvers: true })
export class RegisterSagaTypePayload {
  @Field(() => SagaType, { nullable: true, description: "The type as it is now." })
  readonly sagaType?: SagaType;
}
