import { randomUUID } from "node:crypto";
import { DomainError, type Queries, type TenantId } from "../../engine/index.ts";
import { type DomainEvent, type NewDomainEvent, streamOf } from "./domain-event.ts";

/** For each event, in their order: as it was stored, or why it was not. */
export type Appended = readonly (DomainEvent | DomainError)[];

/**
 * Stores events in the transaction `tx`. The row of the tenant's counter is locked until that ends, so positions
 * become visible in their order, and a transaction that is given up leaves no hole: a reader never skips one that comes late.
 */
export async function appendEvents(tx: Queries, events: readonly NewDomainEvent[]): Promise<Appended> {
  const positions = await lockCounters(tx, [...new Set(events.map((event) => event.tenantId))].sort());
  const versions = await readVersions(tx, events);
  const now = new Date();
  const results = events.map((event): DomainEvent | DomainError => {
    const key = versionKey(event);
    const version = versions.get(key) ?? 0;
    if (event.expectedVersion != null && event.expectedVersion !== version) return conflict(event, version);
    const position = positions.get(event.tenantId)! + 1;
    positions.set(event.tenantId, position);
    versions.set(key, version + 1);
    const { expectedVersion: _, ...rest } = event;
    return {
      ...rest,
      id: event.id ?? randomUUID(),
      position,
      version: version + 1,
      metadata: event.metadata ?? {},
      causationId: event.causationId ?? null,
      at: event.at ?? now,
    };
  });
  const stored = results.filter((result): result is DomainEvent => !(result instanceof DomainError));
  if (stored.length > 0) {
    await insert(tx, stored);
    await moveCounters(tx, positions);
  }
  return results;
}

/** In order of name, so that two who append to the same tenants do not wait for each other. */
async function lockCounters(tx: Queries, tenants: readonly TenantId[]): Promise<Map<TenantId, number>> {
  const positions = new Map<TenantId, number>();
  for (const tenant of tenants) {
    const { rows } = await tx.query<{ position: number }>({
      name: "domain-event-lock",
      text: `INSERT INTO domain_event_counter (tenant_id, position) VALUES ($1::text, 0)
             ON CONFLICT (tenant_id) DO UPDATE SET position = domain_event_counter.position
             RETURNING position`,
      values: [tenant],
    });
    positions.set(tenant, rows[0]!.position);
  }
  return positions;
}

/** A statement of its own, after the lock: it must see what the last holder committed. Plan: "domain_event_stream". */
async function readVersions(tx: Queries, events: readonly NewDomainEvent[]): Promise<Map<string, number>> {
  const streams = new Map(events.map((event) => [versionKey(event), event]));
  const { rows } = await tx.query<{ tenant_id: TenantId; stream: string; version: number }>({
    name: "domain-event-versions",
    text: `SELECT s.tenant_id, s.stream, v.version
           FROM unnest($1::text[], $2::text[]) AS s(tenant_id, stream)
           CROSS JOIN LATERAL (
             SELECT version FROM domain_event
             WHERE tenant_id = s.tenant_id AND stream = s.stream ORDER BY version DESC LIMIT 1
           ) AS v`,
    values: [[...streams.values()].map((event) => event.tenantId), [...streams.values()].map(streamOf)],
  });
  return new Map(rows.map((row) => [`${row.tenant_id}\0${row.stream}`, row.version]));
}

function versionKey(event: NewDomainEvent): string {
  return `${event.tenantId}\0${streamOf(event)}`;
}

async function insert(tx: Queries, events: readonly DomainEvent[]): Promise<void> {
  const column = <T>(value: (event: DomainEvent) => T): T[] => events.map(value);
  await tx.query({
    name: "domain-event-insert",
    text: `WITH types AS (
             INSERT INTO domain_event_type (tenant_id, type, aggregate_type)
             SELECT DISTINCT tenant_id, type, aggregate_type
             FROM unnest($1::text[], $4::text[], $5::text[]) AS t(tenant_id, type, aggregate_type)
             ON CONFLICT DO NOTHING
           )
           INSERT INTO domain_event (tenant_id, position, id, type, aggregate_type, aggregate_id, stream, version,
             data, metadata, correlation_id, causation_id, at)
           SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
             $8::int[], $9::json[], $10::json[], $11::text[], $12::text[], $13::timestamptz[])`,
    values: [
      column((event) => event.tenantId),
      column((event) => event.position),
      column((event) => event.id),
      column((event) => event.type),
      column((event) => event.aggregateType),
      column((event) => event.aggregateId),
      column(streamOf),
      column((event) => event.version),
      column((event) => JSON.stringify(event.data)),
      column((event) => JSON.stringify(event.metadata)),
      column((event) => event.correlationId),
      column((event) => event.causationId),
      column((event) => event.at),
    ],
  });
}

async function moveCounters(tx: Queries, positions: ReadonlyMap<TenantId, number>): Promise<void> {
  await tx.query({
    name: "domain-event-move",
    text: `UPDATE domain_event_counter AS c SET position = p.position
           FROM unnest($1::text[], $2::bigint[]) AS p(tenant_id, position) WHERE c.tenant_id = p.tenant_id`,
    values: [[...positions.keys()], [...positions.values()]],
  });
}

function conflict(event: NewDomainEvent, version: number): DomainError {
  return new DomainError(
    "VERSION_CONFLICT",
    `Stream ${streamOf(event)} is at version ${version}, not ${event.expectedVersion}`,
    { field: "expected_version" },
  );
}
