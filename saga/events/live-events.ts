import {
  type Bus,
  type Columns,
  channels,
  endable,
  Latch,
  type LiveLog,
  type LiveReader,
  LOG_PAGE,
  liveLog,
  type Positioned,
  patiently,
  type Queries,
  type TenantId,
} from "../../engine/index.ts";
import { type DomainEvent, toDomainEvent } from "./domain-event.ts";

interface EventSource {
  readonly database: Queries;
  readonly bus: Bus;
}

export interface FollowedEvents {
  readonly tenantId: TenantId;
  /** Null: all. */
  readonly types: readonly string[] | null;
  /** Position of the tenant's last event at this moment. */
  readonly last: number;
}

/** Every event of these types after a position, in order, each once, without a gap. Has no end. @throws DomainError VALIDATION_FAILED */
export function liveEvents(source: EventSource, followed: FollowedEvents, after: number): LiveLog<DomainEvent> {
  const { tenantId, types, last } = followed;
  const topic = `domain-events:${tenantId}:${types === null ? "" : JSON.stringify([...new Set(types)].sort())}`;
  const page = (position: number) => patiently(() => readPage(source.database, followed, position));
  const open = (position: number) => readEvents(source, followed, position);
  return liveLog({ topic, last, page, open }, after);
}

/** Reads Postgres after each word that there is more: a burst of events costs one read. */
function readEvents(source: EventSource, followed: FollowedEvents, after: number): LiveReader<DomainEvent> {
  const changed = new Latch();
  return endable(generate(source, followed, after, changed), () => changed.close());
}

async function* generate(
  { database, bus }: EventSource,
  followed: FollowedEvents,
  after: number,
  changed: Latch,
): AsyncGenerator<readonly Positioned<DomainEvent>[], void, undefined> {
  let announced = followed.last;
  const subscription = await bus.subscribe(
    channels.domainEvents(followed.tenantId),
    (position) => {
      announced = Math.max(announced, position as number);
      changed.raise();
    },
    () => changed.raise(),
  );
  try {
    for (let cursor = after; !changed.closed; ) {
      const stored = announced;
      const { items, isLast } = await patiently(
        () => readPage(database, followed, cursor),
        () => changed.closed,
      );
      cursor = items.at(-1)?.position ?? cursor;
      if (items.length > 0) yield items;
      if (!isLast) continue;
      // Up to there no event of these types is left: the next read need not look at the others again.
      cursor = Math.max(cursor, stored);
      await changed.raised();
    }
  } finally {
    subscription.unsubscribe();
  }
}

/** Plan: "domain_event_pkey". */
async function readPage(database: Queries, { tenantId, types }: FollowedEvents, after: number) {
  const { rows } = await database.query<Columns>({
    name: "domain-events-after",
    text: `WITH page AS MATERIALIZED (
             SELECT *, octet_length(data::text) + octet_length(metadata::text) AS bytes FROM domain_event
             WHERE tenant_id = $1::text AND position > $2::bigint AND ($3::text[] IS NULL OR type = ANY($3::text[]))
             ORDER BY position LIMIT $4::int
           ), sized AS (
             SELECT *, count(*) OVER () AS found, sum(bytes) OVER (ORDER BY position) - bytes AS bytes_before FROM page
           )
           SELECT * FROM sized WHERE bytes_before < $5::int ORDER BY position`,
    values: [tenantId, after, types, LOG_PAGE.events, LOG_PAGE.bytes],
  });
  const isLast = rows.length === 0 || (rows.length === rows[0]!.found && rows.length < LOG_PAGE.events);
  return { items: rows.map(toDomainEvent).map((event) => ({ position: event.position, value: event })), isLast };
}
