export { webhooksSchema } from "../definition/webhook-target.ts";
export {
  type DeliveryStatus,
  deliveryStatuses,
  type WebhookEventType,
  webhookEventTypes,
} from "../model/webhook-event.ts";
export { type DelivererOptions, WebhookDeliverer } from "./deliverer.ts";
export { type DeliveryFilter, DeliveryService, type WebhookDelivery } from "./delivery-service.ts";
export { RETRY_SECONDS } from "./retry-schedule.ts";
