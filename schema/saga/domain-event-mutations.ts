import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { attempt } from "../errors/user-error.ts";
import type { SagaContext } from "./context.ts";
import { DomainEvent } from "./domain-event.ts";
import { PublishEventInput } from "./saga-inputs.ts";
import { PublishEventPayload } from "./saga-payloads.ts";

@Resolver()
export class DomainEventMutations {
  @Mutation(() => PublishEventPayload, {
    description:
      "Stores a domain event: it starts what it triggers, and wakes the steps that wait for it, each once. User errors: VERSION_CONFLICT, VALIDATION_FAILED.",
  })
  publishEvent(
    @Arg("input", () => PublishEventInput, { description: "What happened." }) input: PublishEventInput,
    @Ctx() { orchestrator: { events }, actor: { tenantId } }: SagaContext,
  ) {
    return attempt(async () => {
      const stored = await events.publish({
        tenantId,
        type: input.type,
        aggregateType: input.aggregateType,
        aggregateId: input.aggregateId,
        data: input.data ?? {},
        metadata: input.metadata ?? {},
        correlationId: input.correlationId ?? null,
        causationId: input.causationId ?? null,
        expectedVersion: input.expectedVersion ?? null,
      });
      return { event: new DomainEvent(stored) };
    });
  }
}
