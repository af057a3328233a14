import type { Queries, RoomDatabase, TenantId } from "../../engine/index.ts";
import type { Outcome } from "../follower.ts";

/** No request waits for it. */
const STEP_STATEMENT_MS = 60_000;

/** How far a look has come. */
export interface Carried {
  readonly position: number;
  /** The tenant's next events are to wait so long. Default 0. */
  readonly restMs?: number;
}

/** Carries the events of a tenant after `position` on. */
export type Consume = (tx: Queries, tenantId: TenantId, position: number) => Promise<Carried>;

/**
 * Keeps a durable cursor in each tenant's events. What `consume` writes in `tx` is committed together with
 * the cursor: it happens once an event. Another process that is at a tenant is left to it.
 */
export function createConsumer(
  database: RoomDatabase,
  name: string,
  consume: Consume,
  committed: () => void = () => {},
): () => Promise<Outcome> {
  /** Tenant → until when it rests, by the monotonic clock. */
  const resting = new Map<TenantId, number>();
  const restOf = (tenantId: TenantId): number => Math.max((resting.get(tenantId) ?? 0) - performance.now(), 0);
  return async () => {
    const { rows } = await database.query<{ tenant_id: TenantId }>({
      name: "consumer-behind",
      text: `SELECT c.tenant_id FROM domain_event_counter AS c
             LEFT JOIN domain_event_cursor AS k ON k.consumer = $1::text AND k.tenant_id = c.tenant_id
             WHERE c.position > coalesce(k.position, 0)`,
      values: [name],
    });
    let isLocked = false;
    const awake = rows.filter(({ tenant_id: tenantId }) => restOf(tenantId) === 0);
    for (const { tenant_id: tenantId } of awake) {
      resting.delete(tenantId);
      const carried = await database.transaction((tx) => step(tx, name, tenantId, consume), STEP_STATEMENT_MS);
      if (carried === null) isLocked = true;
      else if (carried.restMs) resting.set(tenantId, performance.now() + carried.restMs);
      committed();
    }
    if (rows.length === 0) return "done";
    if (isLocked) return "later";
    const rests = rows.map(({ tenant_id: tenantId }) => restOf(tenantId));
    return rests.includes(0) ? "more" : { hintInMs: Math.min(...rests) };
  };
}

/** Null: another process is at it. */
async function step(tx: Queries, name: string, tenantId: TenantId, consume: Consume): Promise<Carried | null> {
  await tx.query({
    name: "consumer-begin",
    text: `INSERT INTO domain_event_cursor (consumer, tenant_id, position) VALUES ($1::text, $2::text, 0)
           ON CONFLICT DO NOTHING`,
    values: [name, tenantId],
  });
  const { rows } = await tx.query<{ position: number }>({
    name: "consumer-lock",
    text: `SELECT position FROM domain_event_cursor
           WHERE consumer = $1::text AND tenant_id = $2::text FOR UPDATE SKIP LOCKED`,
    values: [name, tenantId],
  });
  if (!rows[0]) return null;
  const carried = await consume(tx, tenantId, rows[0].position);
  await tx.query({
    name: "consumer-move",
    text: `UPDATE domain_event_cursor SET position = $3::bigint
           WHERE consumer = $1::text AND tenant_id = $2::text`,
    values: [name, tenantId, carried.position],
  });
  return carried;
}
