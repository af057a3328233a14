import { Arg, Args, Ctx, Field, InputType, Query, Resolver } from "type-graphql";
import type { AuditFilter as EngineFilter } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { Connection } from "../relay/connection.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { DateTime } from "../scalars.ts";
import { AuditEntry, AuditEntryConnection } from "./audit-entry.ts";

@InputType({ description: "Which audit entries. What is absent does not restrict." })
class AuditFilter {
  @Field(() => String, { nullable: true, description: "Of this actor, such as `key:12`." })
  actor?: string | null;

  @Field(() => String, { nullable: true, description: "With this action, such as `workflow.update`." })
  action?: string | null;

  @Field(() => String, { nullable: true, description: "To this thing, such as `workflow:5`." })
  target?: string | null;

  @Field(() => String, { nullable: true, description: "Of this request." })
  correlationId?: string | null;

  @Field(() => Boolean, { nullable: true, description: "True: refused ones. False: those that were done." })
  refused?: boolean | null;

  @Field(() => DateTime, { nullable: true, description: "From then on." })
  since?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Before then." })
  until?: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "True: instead of the tenant's, those that are nobody's: requests without a valid key. For keys of the first key's tenant only, else FORBIDDEN. Default false.",
  })
  nobodys?: boolean | null;
}

@Resolver()
export class AuditQueries {
  @Query(() => AuditEntryConnection, {
    description: "Who changed what of the tenant, and who was refused, newest first.",
  })
  async auditEntries(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => AuditFilter, { nullable: true, description: "Which ones. Default: all of the tenant." })
    given: AuditFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "AuditEntry");
    const { tenantId } = actor;
    const filter: EngineFilter = Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== null));
    return new Connection({
      page: await engine.audit.list(tenantId, filter, window),
      window,
      keyOf: (entry) => entry.id,
      toNode: (entry) => new AuditEntry(entry),
      count: () => engine.audit.count(tenantId, filter),
    });
  }
}
