import { Arg, Args, Ctx, Field, ID, InputType, Query, Resolver } from "type-graphql";
import type { DeliveryStatus } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { Connection } from "../relay/connection.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { DeliveryStatusEnum, loadDelivery, WebhookDelivery, WebhookDeliveryConnection } from "./webhook-delivery.ts";

@InputType({ description: "Which deliveries. What is absent does not restrict." })
class WebhookDeliveryFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this execution." })
  executionId?: string | null;

  @Field(() => [DeliveryStatusEnum], { nullable: true, description: "With one of these." })
  status?: DeliveryStatus[] | null;
}

@Resolver()
export class WebhookDeliveryQueries {
  @Query(() => WebhookDelivery, {
    nullable: true,
    description: "A webhook delivery; null when there is none of this id, or it is past its retention.",
  })
  webhookDelivery(
    @Arg("id", () => ID, { description: "Of the delivery, such as `whd_12`." }) id: string,
    @Ctx() context: Context,
  ): Promise<WebhookDelivery | null> {
    return loadDelivery(fromNodeId("WebhookDelivery", id, "id"), context);
  }

  @Query(() => WebhookDeliveryConnection, {
    description: "What was sent, or is to be sent, to webhooks, newest first.",
  })
  async webhookDeliveries(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => WebhookDeliveryFilter, { nullable: true, description: "Which ones. Default: all." })
    given: WebhookDeliveryFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "WebhookDelivery");
    const { workflowId, executionId, status } = given ?? {};
    const filter = {
      ...(workflowId != null && { workflowId: fromNodeId("Workflow", workflowId, "filter.workflowId") }),
      ...(executionId != null && { executionId: fromNodeId("Execution", executionId, "filter.executionId") }),
      ...(status != null && { statuses: status }),
    };
    return new Connection({
      page: await engine.deliveries.list(actor.tenantId, filter, window),
      window,
      keyOf: (record) => record.id,
      toNode: (record) => new WebhookDelivery(record),
      count: () => engine.deliveries.count(actor.tenantId, filter),
    });
  }
}
