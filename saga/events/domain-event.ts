import type { Columns, JsonObject, TenantId } from "../../engine/index.ts";

/** Something that happened, as it is stored and shown; `domainEventTexts` say what each field means. */
export interface DomainEvent {
  readonly id: string;
  readonly tenantId: TenantId;
  /** In the order of the commits. */
  readonly position: number;
  readonly type: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly at: Date;
}

export interface NewDomainEvent
  extends Omit<DomainEvent, "id" | "position" | "version" | "at" | "metadata" | "causationId"> {
  readonly id?: string;
  readonly at?: Date;
  readonly metadata?: JsonObject;
  readonly causationId?: string | null;
  readonly expectedVersion?: number | null;
}

/** Names that the product itself publishes. Clients publish names of their own beside them. */
export const knownEventTypes = [
  "saga.started",
  "saga.step_started",
  "saga.step_completed",
  "saga.step_failed",
  "saga.completed",
  "saga.failed",
  "saga.compensating",
  "saga.compensated",
  "workflow.started",
  "workflow.step_completed",
  "workflow.completed",
  "workflow.failed",
  "file.uploaded",
  "file.processed",
  "file.content_extracted",
] as const;

export type KnownEventType = (typeof knownEventTypes)[number];

export function streamOf({ aggregateType, aggregateId }: Pick<DomainEvent, "aggregateType" | "aggregateId">): string {
  return `${aggregateType}-${aggregateId}`;
}

export function toDomainEvent(row: Columns): DomainEvent {
  return {
    id: row.id as string,
    tenantId: row.tenant_id as TenantId,
    position: row.position as number,
    type: row.type as string,
    aggregateType: row.aggregate_type as string,
    aggregateId: row.aggregate_id as string,
    version: row.version as number,
    data: row.data as JsonObject,
    metadata: row.metadata as JsonObject,
    correlationId: row.correlation_id as string | null,
    causationId: row.causation_id as string | null,
    at: row.at as Date,
  };
}
