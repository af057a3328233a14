import { Args, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { Connection } from "../relay/connection.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { ApiKey, ApiKeyConnection } from "./api-key.ts";

@Resolver()
export class ApiKeyQueries {
  @Query(() => ApiKeyConnection, { description: "The tenant's API keys, newest first, revoked and expired ones too." })
  async apiKeys(@Args(() => PageArgs) args: PageArgs, @Ctx() { engine, actor }: Context) {
    const window = toWindow(args, "ApiKey");
    return new Connection({
      page: await engine.keys.list(actor.tenantId, window),
      window,
      keyOf: (key) => key.id,
      toNode: (key) => new ApiKey(key),
      count: () => engine.keys.count(actor.tenantId),
    });
  }
}
