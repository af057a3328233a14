import type { Redis } from "ioredis";
import { type EngineLogger, loadRedis } from "../../engine/index.ts";
import type { Consume } from "./consumer.ts";
import { type DomainEvent, toDomainEvent } from "./domain-event.ts";

const EVENTS_PER_LOOK = 500;
/** About so many entries are kept in each stream: Postgres keeps them all. */
const MAX_LENGTH = 100_000;

export interface RedisStreams {
  readonly consume: Consume;
  /** Adds them again, with `replayed` set. */
  replay(events: readonly DomainEvent[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Adds each event to the stream `<prefix>.<tenant>`, in order of position: names of clients make no streams. While Redis is away it
 * waits; after a crash between the two commits an entry may come twice, with the same `id` and `position`.
 */
export async function openRedisStreams(redisUrl: string, prefix: string, log: EngineLogger): Promise<RedisStreams> {
  const { closeRedis, connectRedis, failFast, redisReady } = await loadRedis();
  const redis = connectRedis(redisUrl, "domain-events", log, failFast);
  await redisReady(redis);
  return {
    consume: async (tx, tenantId, position) => {
      const { rows } = await tx.query({
        name: "relay-events",
        text: `SELECT * FROM domain_event WHERE tenant_id = $1::text AND position > $2::bigint
               ORDER BY position LIMIT $3::int`,
        values: [tenantId, position, EVENTS_PER_LOOK],
      });
      const events = rows.map(toDomainEvent);
      await addAll(redis, prefix, events);
      return { position: events.at(-1)?.position ?? position };
    },
    replay: (events) => addAll(redis, prefix, events, { replayed: "true" }),
    close: () => closeRedis(redis),
  };
}

async function addAll(
  redis: Redis,
  prefix: string,
  events: readonly DomainEvent[],
  marks: Readonly<Record<string, string>> = {},
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const event of events) {
    const stream = `${prefix}.${event.tenantId}`;
    pipeline.xadd(stream, "MAXLEN", "~", MAX_LENGTH, "*", ...Object.entries({ ...fieldsOf(event), ...marks }).flat());
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

function fieldsOf(event: DomainEvent): Record<string, string> {
  return {
    id: event.id,
    tenant_id: event.tenantId,
    position: String(event.position),
    type: event.type,
    aggregate_type: event.aggregateType,
    aggregate_id: event.aggregateId,
    version: String(event.version),
    data: JSON.stringify(event.data),
    metadata: JSON.stringify(event.metadata),
    timestamp: event.at.toISOString(),
    correlation_id: event.correlationId ?? "",
    causation_id: event.causationId ?? "",
  };
}
