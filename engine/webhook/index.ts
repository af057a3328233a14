export type {
  DeliveryStatus,
  WebhookEventType,
} from "../model/index.ts";
export { WebhookDeliverer } from "./deliverer.ts";
export { DeliveryService, type WebhookDelivery } from "./delivery-service.ts";
export { deliveriesOf, type NewDelivery } from "./message.ts";
