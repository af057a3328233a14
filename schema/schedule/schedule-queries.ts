import { Arg, Args, Ctx, ID, Int, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { nullIfNotFound } from "../errors/null-if-not-found.ts";
import { Connection } from "../relay/connection.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { DateTime } from "../scalars.ts";
import { Schedule, ScheduleConnection } from "./schedule.ts";
import { PreviewScheduleInput, ScheduleFilter, toScheduleFields } from "./schedule-inputs.ts";

@Resolver()
export class ScheduleQueries {
  @Query(() => Schedule, { nullable: true, description: "A schedule; null when there is none of this id." })
  async schedule(
    @Arg("id", () => ID, { description: "Of the schedule, such as `sch_12`." }) id: string,
    @Ctx() { engine, actor }: Context,
  ): Promise<Schedule | null> {
    const row = await engine.schedules.get(actor.tenantId, fromNodeId("Schedule", id, "id")).catch(nullIfNotFound);
    return row && new Schedule(row);
  }

  @Query(() => ScheduleConnection, {
    description: "The tenant's schedules, newest first; those that workflows make by their `cronSchedule` too.",
  })
  async schedules(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => ScheduleFilter, { nullable: true, description: "Which ones. Default: all." })
    given: ScheduleFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "Schedule");
    const filter =
      given?.workflowId == null ? {} : { workflowId: fromNodeId("Workflow", given.workflowId, "filter.workflowId") };
    return new Connection({
      page: await engine.schedules.list(actor.tenantId, filter, window),
      window,
      keyOf: (row) => row.id,
      toNode: (row) => new Schedule(row),
      count: () => engine.schedules.count(actor.tenantId, filter),
    });
  }

  @Query(() => [DateTime], {
    description:
      "The next nominal times of a plan, with its time zone and clock changes, without saving it; fewer than `count` when no further date matches. Errors: INVALID_CRON, VALIDATION_FAILED.",
  })
  previewSchedule(
    @Arg("input", () => PreviewScheduleInput, { description: "The plan." }) input: PreviewScheduleInput,
    @Arg("count", () => Int, { defaultValue: 5, description: "How many, 1 to 100. Default 5." }) count: number,
    @Ctx() { engine }: Context,
  ): readonly Date[] {
    return engine.schedules.previewOf(toScheduleFields(input), count);
  }
}
