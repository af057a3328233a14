import { Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { Stats } from "./statistics.ts";

@Resolver()
export class StatisticsQueries {
  @Query(() => Stats, { description: "How much there is, how much goes on, and how it went." })
  async stats(@Ctx() { engine, actor }: Context): Promise<Stats> {
    return new Stats(await engine.statistics.summary(actor.tenantId));
  }
}
