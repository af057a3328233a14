import type { EventType } from "./events.ts";

/** The documented events. Names are stable: receivers branch on them. */
export const webhookEventTypes = ["workflow_completed", "workflow_failed", "step_completed", "step_failed"] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

/** A time-out is a failure of the workflow. A cancellation is not: somebody asked for it. */
const byEvent: Partial<Record<EventType, WebhookEventType>> = {
  "execution.completed": "workflow_completed",
  "execution.failed": "workflow_failed",
  "execution.timed_out": "workflow_failed",
  "step.completed": "step_completed",
  "step.failed": "step_failed",
};

export function webhookEventOf(type: EventType): WebhookEventType | undefined {
  return byEvent[type];
}

/** `failed`: given up, after the last attempt or because the receiver or the target said so. */
const deliveryStatuses = ["pending", "delivered", "failed"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];
