import { Arg, Field, ID, InputType, Resolver, Root, Subscription } from "type-graphql";
import type { ActivityItem as ActivityRecord, ExecutionStatus } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { ExecutionStatusEnum } from "../execution/statuses.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { ActivityItem, type ActivityResync, type ExecutionChange, toActivityItem } from "./activity-item.ts";

@InputType({ description: "Which changes. What is absent does not restrict." })
class ActivityFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow's executions; else WORKFLOW_NOT_FOUND." })
  workflowId?: string | null;

  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "To one of these." })
  status?: ExecutionStatus[] | null;
}

@Resolver()
export class ActivitySubscriptions {
  @Subscription(() => ActivityItem, {
    description:
      "What lists of executions live on: each change of status, as it is committed. Starts with an ActivityResync: then read the list. Has no end.",
    subscribe: ({ args, context }) => {
      const { engine, actor } = context as Context;
      const { workflowId, status } = (args.filter ?? {}) as ActivityFilter;
      return engine.live.activity(actor.tenantId, {
        workflowId: workflowId == null ? null : fromNodeId("Workflow", workflowId, "filter.workflowId"),
        statuses: status ?? null,
      });
    },
  })
  activity(
    @Root() item: ActivityRecord,
    @Arg("filter", () => ActivityFilter, {
      nullable: true,
      description: "Which changes. Default: all of the tenant's.",
    })
    _filter: ActivityFilter | null,
  ): ExecutionChange | ActivityResync {
    return toActivityItem(item);
  }
}
