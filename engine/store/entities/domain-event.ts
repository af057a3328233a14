import { defineEntity, p } from "@mikro-orm/core";
import type { JsonObject, TenantId } from "../../model/index.ts";

/** Something that happened, as services tell each other. Append-only; positions of a tenant count from 1 without a gap. */
export const DomainEventEntity = defineEntity({
  name: "DomainEvent",
  tableName: "domain_event",
  uniques: [
    {
      name: "domain_event_stream",
      expression: 'create unique index "domain_event_stream" on "domain_event" ("tenant_id", "stream", "version")',
    },
  ],
  properties: {
    tenantId: p.text().$type<TenantId>().primary(),
    position: p.bigint("number").primary(),
    id: p.uuid(),
    type: p.text(),
    aggregateType: p.text(),
    aggregateId: p.text(),
    /** `<aggregate type>-<aggregate id>` */
    stream: p.text(),
    /** Counts from 1 in its stream, without a gap. */
    version: p.integer(),
    data: p.json<JsonObject>().columnType("json"),
    metadata: p.json<JsonObject>().columnType("json"),
    correlationId: p.text().strictNullable(),
    causationId: p.text().strictNullable(),
    at: p.datetime().columnType("timestamptz(3)"),
  },
});

/** Every type that a tenant's store holds, and of what kind of aggregate. */
export const DomainEventTypeEntity = defineEntity({
  name: "DomainEventType",
  tableName: "domain_event_type",
  properties: {
    tenantId: p.text().$type<TenantId>().primary(),
    type: p.text().primary(),
    aggregateType: p.text().primary(),
  },
});

/** The last position of a tenant. Whoever appends holds its lock until the commit: order of commit is order of position. */
export const DomainEventCounterEntity = defineEntity({
  name: "DomainEventCounter",
  tableName: "domain_event_counter",
  properties: { tenantId: p.text().$type<TenantId>().primary(), position: p.bigint("number") },
});

/** How far a consumer has come in a tenant's events. */
export const DomainEventCursorEntity = defineEntity({
  name: "DomainEventCursor",
  tableName: "domain_event_cursor",
  properties: {
    consumer: p.text().primary(),
    tenantId: p.text().$type<TenantId>().primary(),
    position: p.bigint("number"),
  },
});
