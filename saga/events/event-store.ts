import {
  type Bus,
  type Columns,
  channels,
  DomainError,
  idRange,
  type LiveLog,
  type Page,
  pageOf,
  parseInput,
  type RoomDatabase,
  type TenantId,
  type Window,
  withinDeadline,
  withoutDeadline,
} from "../../engine/index.ts";
import { appendEvents } from "./append.ts";
import { type DomainEvent, knownEventTypes, type NewDomainEvent, toDomainEvent } from "./domain-event.ts";
import { eventInput, MAX_DATA_BYTES } from "./event-input.ts";
import { liveEvents } from "./live-events.ts";

/** Events of one commit; more wait for the next. */
const MAX_BATCH = 500;
/** Of a stream read without an end. */
const MAX_STREAM_EVENTS = 1_000;

interface Waiting {
  readonly event: NewDomainEvent;
  readonly resolve: (event: DomainEvent) => void;
  readonly reject: (error: unknown) => void;
}

export interface EventPage {
  readonly events: readonly DomainEvent[];
  readonly total: number;
}

/** The append-only store of domain events. */
export class EventStore {
  private waiting: Waiting[] = [];
  private isAppending = false;

  constructor(
    private readonly database: RoomDatabase,
    private readonly bus: Bus,
  ) {}

  /** What comes from outside: checked, then as `append`. @throws DomainError VALIDATION_FAILED, VERSION_CONFLICT */
  publish(event: NewDomainEvent): Promise<DomainEvent> {
    const { type, aggregateType, aggregateId, correlationId, causationId = null, data, metadata = {} } = event;
    parseInput(eventInput, {
      type,
      aggregate_type: aggregateType,
      aggregate_id: aggregateId,
      correlation_id: correlationId,
      causation_id: causationId,
      expected_version: event.expectedVersion ?? null,
    });
    const bytes = Buffer.byteLength(JSON.stringify([data, metadata]));
    if (bytes <= MAX_DATA_BYTES) return this.append(event);
    throw DomainError.invalid([{ path: "data", message: `has ${bytes} bytes; the limit is ${MAX_DATA_BYTES}` }]);
  }

  /** Resolves when it is stored. Those that come while a commit is under way share the next. */
  append(event: NewDomainEvent): Promise<DomainEvent> {
    const appended = new Promise<DomainEvent>((resolve, reject) => this.waiting.push({ event, resolve, reject }));
    if (!this.isAppending) void withoutDeadline(() => this.drain());
    return withinDeadline(appended, "The request's time was over before the event was stored", true);
  }

  /** After the commit: tells whoever follows the store. */
  announce(events: readonly DomainEvent[]): void {
    const last = new Map(events.map((event) => [event.tenantId, event.position]));
    for (const [tenantId, position] of last) this.bus.publish(channels.domainEvents(tenantId), position);
    if (last.size > 0) this.bus.publish(ANY_DOMAIN_EVENT, null);
  }

  /** After the first `from` of the tenant's events, in order of position. Plan: "domain_event_pkey". */
  async all(tenantId: TenantId, from: number, limit: number): Promise<EventPage> {
    const [{ rows }, total] = await Promise.all([
      this.database.query<Columns>(
        "SELECT * FROM domain_event WHERE tenant_id = $1::text AND position > $2::bigint ORDER BY position LIMIT $3::int",
        [tenantId, from, limit],
      ),
      this.lastPosition(tenantId),
    ]);
    return { events: rows.map(toDomainEvent), total };
  }

  /** By position. */
  async page(tenantId: TenantId, types: readonly string[] | null, window: Window): Promise<Page<DomainEvent>> {
    const { lower, upper, direction } = idRange(window, "ASC");
    const { rows } = await this.database.query<Columns>(
      `SELECT * FROM domain_event
       WHERE tenant_id = $1::text AND position > $2::bigint AND position < $3::bigint
         AND ($4::text[] IS NULL OR type = ANY($4::text[]))
       ORDER BY position ${direction} LIMIT $5::int`,
      [tenantId, lower, upper, possible(types), window.limit + 1],
    );
    return pageOf(rows.map(toDomainEvent), window);
  }

  async count(tenantId: TenantId, types: readonly string[] | null): Promise<number> {
    const { rows } = await this.database.query<{ n: number }>(
      `SELECT count(*) AS n FROM domain_event
       WHERE tenant_id = $1::text AND ($2::text[] IS NULL OR type = ANY($2::text[]))`,
      [tenantId, possible(types)],
    );
    return rows[0]!.n;
  }

  /**
   * Versions `from` to `to` of a stream, at most 1,000 of them; `total` counts all. A stream goes by
   * `<aggregate type>-<aggregate id>`; the bare id of an aggregate names its stream too. Plan: "domain_event_stream".
   */
  async stream(tenantId: TenantId, streamId: string, from: number, to: number | null): Promise<EventPage> {
    // Postgres refuses NUL in text: there is no such stream.
    if (streamId.includes("\0")) return { events: [], total: 0 };
    const name = await this.streamName(tenantId, streamId);
    const range = [tenantId, name, from, to ?? 2 ** 31 - 1];
    const where = "tenant_id = $1::text AND stream = $2::text AND version BETWEEN $3::int AND $4::int";
    const [{ rows }, counted] = await Promise.all([
      this.database.query<Columns>(`SELECT * FROM domain_event WHERE ${where} ORDER BY version LIMIT $5::int`, [
        ...range,
        MAX_STREAM_EVENTS,
      ]),
      this.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM domain_event WHERE ${where}`, range),
    ]);
    return { events: rows.map(toDomainEvent), total: counted.rows[0]!.n };
  }

  /** The product's own names, and all that the tenant has published. */
  async types(tenantId: TenantId): Promise<string[]> {
    const { rows } = await this.database.query<{ type: string }>(
      "SELECT DISTINCT type FROM domain_event_type WHERE tenant_id = $1::text",
      [tenantId],
    );
    return [...new Set([...knownEventTypes, ...rows.map((row) => row.type)])].sort();
  }

  /** @throws DomainError VALIDATION_FAILED */
  async follow(tenantId: TenantId, after: number, types: readonly string[] | null): Promise<LiveLog<DomainEvent>> {
    const last = await this.lastPosition(tenantId);
    const { database, bus } = this;
    return liveEvents({ database, bus }, { tenantId, types: possible(types), last }, after);
  }

  private async lastPosition(tenantId: TenantId): Promise<number> {
    const { rows } = await this.database.query<{ position: number }>({
      name: "domain-events-last",
      text: "SELECT position FROM domain_event_counter WHERE tenant_id = $1::text",
      values: [tenantId],
    });
    return rows[0]?.position ?? 0;
  }

  private async streamName(tenantId: TenantId, streamId: string): Promise<string> {
    const { rows } = await this.database.query<{ stream: string }>(
      `SELECT stream FROM (
         SELECT $2::text AS stream, 0 AS rank
         UNION ALL SELECT DISTINCT aggregate_type || '-' || $2::text, 1 FROM domain_event_type WHERE tenant_id = $1::text
       ) AS names
       WHERE EXISTS (SELECT FROM domain_event AS e WHERE e.tenant_id = $1::text AND e.stream = names.stream)
       ORDER BY rank, stream LIMIT 1`,
      [tenantId, streamId],
    );
    return rows[0]?.stream ?? streamId;
  }

  private async drain(): Promise<void> {
    this.isAppending = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_BATCH);
      try {
        const results = await this.database.transaction((tx) =>
          appendEvents(
            tx,
            batch.map(({ event }) => event),
          ),
        );
        for (const [i, result] of results.entries()) {
          if (result instanceof DomainError) batch[i]!.reject(result);
          else batch[i]!.resolve(result);
        }
        this.announce(results.filter((result): result is DomainEvent => !(result instanceof DomainError)));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isAppending = false;
  }
}

/** Postgres refuses NUL in text: no event has such a type. */
function possible(types: readonly string[] | null): readonly string[] | null {
  return types?.filter((type) => !type.includes("\0")) ?? null;
}

/** Domain events of some tenant were stored. */
export const ANY_DOMAIN_EVENT = "domain-events";
