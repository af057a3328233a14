import { Arg, ID, Int, Resolver, Root, Subscription } from "type-graphql";
import type { ExecutionEvent as EventRecord } from "../../engine/index.ts";
import type { DomainEvent as DomainEventRecord } from "../../saga/index.ts";
import { SafeInt } from "../scalars.ts";
import type { SagaContext } from "./context.ts";
import { DomainEvent } from "./domain-event.ts";
import { SagaEvent } from "./saga-event.ts";

@Resolver()
export class SagaSubscriptions {
  @Subscription(() => SagaEvent, {
    description:
      "Every event of a saga after `after`, in order, each once, without a gap; what has happened comes first, then what happens. Completes after the event that ends the saga. After a broken connection, subscribe again with the seq of the last event that arrived.",
    subscribe: ({ args, context }) => {
      const { orchestrator, actor } = context as SagaContext;
      return orchestrator.sagas.events(actor.tenantId, args.sagaId as string, args.after as number);
    },
  })
  sagaEvents(
    @Root() event: EventRecord,
    @Arg("sagaId", () => ID, { description: "Of the saga, a UUID; else SAGA_NOT_FOUND." }) _sagaId: string,
    @Arg("after", () => Int, {
      defaultValue: 0,
      description:
        "Seq of the last event that is known, such as `lastEventSeq`; at most that of the last one there is, else VALIDATION_FAILED. Default 0: from the beginning.",
    })
    _after: number,
  ): SagaEvent {
    return new SagaEvent(event);
  }

  @Subscription(() => DomainEvent, {
    description:
      "Every domain event of the tenant after `after`, in the order of position, each once; what has happened comes first, then what happens. Never completes.",
    subscribe: ({ args, context }) => {
      const { orchestrator, actor } = context as SagaContext;
      return orchestrator.events.follow(actor.tenantId, args.after as number, (args.types as string[] | null) ?? null);
    },
  })
  domainEvents(
    @Root() event: DomainEventRecord,
    @Arg("after", () => SafeInt, {
      defaultValue: 0,
      description:
        "Position of the last event that is known; at most that of the last one there is, else VALIDATION_FAILED. Default 0: from the beginning.",
    })
    _after: number,
    @Arg("types", () => [String], { nullable: true, description: "Only of these types. Default: all." })
    _types: string[] | null,
  ): DomainEvent {
    return new DomainEvent(event);
  }
}
