import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { DeliveryStatus, JsonObject, TenantId, WebhookEventType } from "../../model/index.ts";

/**
 * The outbox: one message to one target. Written by the journal, in the commit of the event that it tells of.
 * The target's URL is stored as it was configured: values of `{{env.NAME}}` are read when it is sent, and never stored.
 */
export const WebhookDeliveryEntity = defineEntity({
  name: "WebhookDelivery",
  tableName: "webhook_delivery",
  indexes: [
    // What is to be sent: the next one due is the first row.
    {
      name: "webhook_delivery_due",
      expression:
        'create index "webhook_delivery_due" on "webhook_delivery" ("due_at", "id") where (due_at is not null)',
    },
    {
      name: "webhook_delivery_tenant",
      expression: 'create index "webhook_delivery_tenant" on "webhook_delivery" ("tenant_id", "id" desc)',
    },
    {
      name: "webhook_delivery_tenant_status",
      expression:
        'create index "webhook_delivery_tenant_status" on "webhook_delivery" ("tenant_id", "status", "id" desc)',
    },
    {
      name: "webhook_delivery_workflow",
      expression: 'create index "webhook_delivery_workflow" on "webhook_delivery" ("workflow_id", "id" desc)',
    },
    {
      name: "webhook_delivery_workflow_status",
      expression:
        'create index "webhook_delivery_workflow_status" on "webhook_delivery" ("workflow_id", "status", "id" desc)',
    },
    {
      name: "webhook_delivery_execution",
      expression: 'create index "webhook_delivery_execution" on "webhook_delivery" ("execution_id", "id" desc)',
    },
    // Retention.
    {
      name: "webhook_delivery_completed",
      expression:
        'create index "webhook_delivery_completed" on "webhook_delivery" ("completed_at") where (completed_at is not null)',
    },
  ],
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    /** `webhook-id`: one for all targets of an event, and the same each time it is sent. */
    messageId: p.text(),
    tenantId: p.text().$type<TenantId>(),
    workflowId: p.integer(),
    workflowVersion: p.integer(),
    executionId: p.bigint("number"),
    eventType: p.text().$type<WebhookEventType>(),
    /** Position in `workflow_config.webhooks` of that version. */
    target: p.smallint(),
    url: p.text(),
    /** The body, byte for byte. */
    payload: p.json<JsonObject>().columnType("json"),
    status: p.text().$type<DeliveryStatus>(),
    /** Attempts begun. Whoever settles one names it: the result of an attempt that was taken over counts for nothing. */
    attempt: p.integer(),
    /** When it is next taken in hand; while somebody has it, when it is taken for lost. Null: settled. */
    dueAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    responseStatus: p.integer().strictNullable(),
    responseExcerpt: p.text().strictNullable(),
    /** Why the last attempt failed. */
    error: p.text().strictNullable(),
    /** The delivery that this one repeats by hand. */
    resentFromId: p.bigint("number").strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    attemptedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    completedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
  },
});

export type WebhookDeliveryRow = InferEntity<typeof WebhookDeliveryEntity>;
