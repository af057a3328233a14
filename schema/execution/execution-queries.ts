import { Arg, Args, Ctx, ID, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { Execution } from "./execution.ts";
import { ExecutionConnection, executionConnection } from "./execution-connection.ts";
import { ExecutionFilter, toExecutionFilter } from "./execution-filter.ts";
import { loadStep, Step } from "./step.ts";

@Resolver()
export class ExecutionQueries {
  @Query(() => Execution, { nullable: true, description: "An execution; null when there is none of this id." })
  async execution(
    @Arg("id", () => ID, { description: "Of the execution, such as `ex_789`." }) id: string,
    @Ctx() { loaders }: Context,
  ): Promise<Execution | null> {
    const record = await loaders.execution.load(fromNodeId("Execution", id, "id"));
    return record && new Execution(record);
  }

  @Query(() => ExecutionConnection, { description: "The tenant's executions, newest first." })
  async executions(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => ExecutionFilter, { nullable: true, description: "Which ones. Default: all." })
    given: ExecutionFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "Execution");
    const filter = toExecutionFilter(given, "filter");
    const page = await engine.executionQueries.list(actor.tenantId, filter, window);
    return executionConnection(page, window, () => engine.executionQueries.count(actor.tenantId, filter));
  }

  @Query(() => Step, { nullable: true, description: "A step of an execution; null when there is none of this id." })
  step(
    @Arg("id", () => ID, { description: "Of the step, such as `st_41`." }) id: string,
    @Ctx() context: Context,
  ): Promise<Step | null> {
    return loadStep(fromNodeId("Step", id, "id"), context);
  }
}
