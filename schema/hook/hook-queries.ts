import { Arg, Args, Ctx, Field, ID, InputType, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { nullIfNotFound } from "../errors/null-if-not-found.ts";
import { Connection } from "../relay/connection.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { Hook, HookConnection } from "./hook.ts";

@InputType({ description: "Which hooks. What is absent does not restrict." })
class HookFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;
}

@Resolver()
export class HookQueries {
  @Query(() => Hook, { nullable: true, description: "An inbound webhook; null when there is none of this id." })
  async hook(
    @Arg("id", () => ID, { description: "Of the hook, such as `hook_12`." }) id: string,
    @Ctx() { engine, actor }: Context,
  ): Promise<Hook | null> {
    const record = await engine.hooks.get(actor.tenantId, fromNodeId("Hook", id, "id")).catch(nullIfNotFound);
    return record && new Hook(record);
  }

  @Query(() => HookConnection, { description: "The tenant's inbound webhooks, newest first." })
  async hooks(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => HookFilter, { nullable: true, description: "Which ones. Default: all." })
    given: HookFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "Hook");
    const filter =
      given?.workflowId == null ? {} : { workflowId: fromNodeId("Workflow", given.workflowId, "filter.workflowId") };
    return new Connection({
      page: await engine.hooks.list(actor.tenantId, filter, window),
      window,
      keyOf: (record) => record.id,
      toNode: (record) => new Hook(record),
      count: () => engine.hooks.count(actor.tenantId, filter),
    });
  }
}
