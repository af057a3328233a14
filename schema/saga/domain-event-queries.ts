import { Arg, Args, Ctx, Query, Resolver } from "type-graphql";
import type { DomainEvent as DomainEventRecord } from "../../saga/index.ts";
import { Connection } from "../relay/connection.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import type { SagaContext } from "./context.ts";
import { DomainEvent, DomainEventConnection } from "./domain-event.ts";

@Resolver()
export class DomainEventQueries {
  @Query(() => DomainEventConnection, { description: "The tenant's domain events, by position." })
  async domainEvents(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("types", () => [String], { nullable: true, description: "Only of these types. Default: all." })
    types: string[] | null,
    @Ctx() { orchestrator: { events }, actor }: SagaContext,
  ) {
    const window = toWindow(args, "DomainEvent");
    return new Connection<DomainEventRecord, DomainEvent>({
      page: await events.page(actor.tenantId, types, window),
      window,
      keyOf: (event) => event.position,
      toNode: (event) => new DomainEvent(event),
      count: () => events.count(actor.tenantId, types),
    });
  }
}
