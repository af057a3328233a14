import type pg from "pg";
import { transaction } from "../../engine/index.ts";
import type { Outcome } from "../follower.ts";

/** No request waits for it. */
const STEP_STATEMENT_MS = 60_000;

/** Carries the events of a tenant after `position` on; returns the position that it has come to. */
export type Consume = (client: pg.PoolClient, tenantId: string, position: number) => Promise<number>;

/**
 * Keeps a durable cursor in each tenant's events. What `consume` writes with its client is committed together with
 * the cursor: it happens once an event. Another process that is at a tenant is left to it.
 */
export function createConsumer(
  pool: pg.Pool,
  name: string,
  consume: Consume,
  committed: () => void = () => {},
): () => Promise<Outcome> {
  return async () => {
    const { rows } = await pool.query<{ tenant_id: string }>({
      name: "consumer-behind",
      text: `SELECT c.tenant_id FROM domain_event_counter AS c
             LEFT JOIN domain_event_cursor AS k ON k.consumer = $1::text AND k.tenant_id = c.tenant_id
             WHERE c.position > coalesce(k.position, 0)`,
      values: [name],
    });
    let isLocked = false;
    for (const { tenant_id: tenantId } of rows) {
      isLocked =
        !(await transaction(pool, (client) => step(client, name, tenantId, consume), STEP_STATEMENT_MS)) || isLocked;
      committed();
    }
    if (rows.length === 0) return "done";
    return isLocked ? "later" : "more";
  };
}

/** False: another process is at it. */
async function step(client: pg.PoolClient, name: string, tenantId: string, consume: Consume): Promise<boolean> {
  await client.query({
    name: "consumer-begin",
    text: `INSERT INTO domain_event_cursor (consumer, tenant_id, position) VALUES ($1::text, $2::text, 0)
           ON CONFLICT DO NOTHING`,
    values: [name, tenantId],
  });
  const { rows } = await client.query<{ position: number }>({
    name: "consumer-lock",
    text: `SELECT position FROM domain_event_cursor
           WHERE consumer = $1::text AND tenant_id = $2::text FOR UPDATE SKIP LOCKED`,
    values: [name, tenantId],
  });
  if (!rows[0]) return false;
  const position = await consume(client, tenantId, rows[0].position);
  await client.query({
    name: "consumer-move",
    text: `UPDATE domain_event_cursor SET position = $3::bigint
           WHERE consumer = $1::text AND tenant_id = $2::text`,
    values: [name, tenantId, position],
  });
  return true;
}
