import type { DeliveryStatus, WebhookEventType } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";

export const DeliveryStatusEnum = enumeration<DeliveryStatus>("WebhookDeliveryStatus", "Where a delivery stands.", {
  pending: "It waits for its first or its next attempt, or one is under way.",
  delivered: "The target answered with a 2xx status.",
  failed: "Given up: after the last attempt, or because the target wants no more (410), or cannot be one.",
});

export const WebhookEventEnum = enumeration<WebhookEventType>("WebhookEvent", "What a webhook tells of.", {
  workflow_completed: "An execution is over: completed.",
  workflow_failed: "An execution is over: failed, or timed out.",
  step_completed: "A step of the definition completed.",
  step_failed: "A step of the definition failed for good.",
});
