import { Ctx, Field, Int, ObjectType } from "type-graphql";
import type { WebhookDelivery as DeliveryRecord, DeliveryStatus, WebhookEventType } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { enumeration } from "../enumeration.ts";
import { Execution } from "../execution/execution.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, JsonObject } from "../scalars.ts";

export const DeliveryStatusEnum = enumeration<DeliveryStatus>("WebhookDeliveryStatus", "Where a delivery stands.", {
  pending: "It waits for its first or its next attempt, or one is under way.",
  delivered: "The target answered with a 2xx status.",
  failed: "Given up: after the last attempt, or because the target wants no more (410), or cannot be one.",
});

const WebhookEventEnum = enumeration<WebhookEventType>("WebhookEvent", "What a webhook tells of.", {
  workflow_completed: "An execution is over: completed.",
  workflow_failed: "An execution is over: failed, or timed out.",
  step_completed: "A step of the definition completed.",
  step_failed: "A step of the definition failed for good.",
});

@ObjectType({
  implements: Node,
  description:
    "A message to one target of a workflow's `webhooks`. Written in the commit of what it tells of, sent at least once, kept for 30 days after it is settled.",
  simpleResolvers: true,
})
export class WebhookDelivery implements Node {
  constructor(private readonly record: DeliveryRecord) {}

  get id(): string {
    return toNodeId("WebhookDelivery", this.record.id);
  }

  @Field(() => String, {
    description: "The `webhook-id` header: one for all targets of an event, and the same each time it is sent.",
  })
  get messageId(): string {
    return this.record.messageId;
  }

  @Field(() => WebhookEventEnum, { description: "What it tells of." })
  get event(): WebhookEventType {
    return this.record.eventType;
  }

  @Field(() => String, {
    description: "Where it goes, as the definition says it: `{{env.NAME}}` is filled in when it is sent.",
  })
  get url(): string {
    return this.record.url;
  }

  @Field(() => JsonObject, { description: "The body." })
  get payload() {
    return this.record.payload;
  }

  @Field(() => DeliveryStatusEnum, { description: "Where it stands." })
  get status(): DeliveryStatus {
    return this.record.status;
  }

  @Field(() => Int, { description: "Attempts begun." })
  get attempt(): number {
    return this.record.attempt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it is next tried; null once it is settled." })
  get nextAttemptAt(): Date | null {
    return this.record.dueAt;
  }

  @Field(() => Int, { nullable: true, description: "HTTP status of the last answer; null: there was none." })
  get responseStatus(): number | null {
    return this.record.responseStatus;
  }

  @Field(() => String, {
    nullable: true,
    description: "Beginning of the last answer's body, at most 1,000 characters.",
  })
  get responseExcerpt(): string | null {
    return this.record.responseExcerpt;
  }

  @Field(() => String, { nullable: true, description: "Why the last attempt failed; null: it did not." })
  get error(): string | null {
    return this.record.error;
  }

  @Field(() => DateTime, { description: "When what it tells of happened." })
  get createdAt(): Date {
    return this.record.createdAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When the last attempt began; null: none has." })
  get attemptedAt(): Date | null {
    return this.record.attemptedAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it was delivered or given up; null: it is pending." })
  get completedAt(): Date | null {
    return this.record.completedAt;
  }

  @Field(() => WebhookDelivery, {
    nullable: true,
    description:
      "The delivery that this one repeats by hand; null: it is an original, or that one is past its retention.",
  })
  resentFrom(@Ctx() context: Context): Promise<WebhookDelivery | null> | null {
    return this.record.resentFromId === null ? null : loadDelivery(this.record.resentFromId, context);
  }

  @Field(() => Execution, { nullable: true, description: "What it tells of; null once its retention is over." })
  async execution(@Ctx() { loaders }: Context): Promise<Execution | null> {
    const record = await loaders.execution.load(this.record.executionId);
    return record && new Execution(record);
  }
}

/** Null: there is none of this id. */
export async function loadDelivery(id: number, { loaders }: Context): Promise<WebhookDelivery | null> {
  const record = await loaders.delivery.load(id);
  return record && new WebhookDelivery(record);
}

export const WebhookDeliveryConnection = connectionType("WebhookDelivery", () => WebhookDelivery, "newest first");
