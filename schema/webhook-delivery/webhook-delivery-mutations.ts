import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { attempt, MutationPayload } from "../errors/user-error.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { WebhookDelivery } from "./webhook-delivery.ts";

@InputType({ description: "Which delivery to send again." })
class ResendWebhookDeliveryInput {
  @Field(() => ID, { description: "The delivery to send again." })
  webhookDeliveryId!: string;
}

@ObjectType({ implements: MutationPayload, description: "What resendWebhookDelivery did.", simpleResolvers: true })
class ResendWebhookDeliveryPayload {
  @Field(() => WebhookDelivery, {
    nullable: true,
    description: "The new delivery; or the old one, when it was still pending.",
  })
  readonly webhookDelivery?: WebhookDelivery;
}

@Resolver()
export class WebhookDeliveryMutations {
  @Mutation(() => ResendWebhookDeliveryPayload, {
    description:
      "Sends a message again, under its old `webhook-id`, to the same target. A settled delivery stays as it is and a new one is made; one that waits for its next attempt gets it now. User error: DELIVERY_NOT_FOUND.",
  })
  resendWebhookDelivery(
    @Arg("input", () => ResendWebhookDeliveryInput, { description: "Which delivery." })
    input: ResendWebhookDeliveryInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("WebhookDelivery", input.webhookDeliveryId, "webhookDeliveryId");
      return { webhookDelivery: new WebhookDelivery(await engine.deliveries.resend(actor.tenantId, id)) };
    });
  }
}
