import type pg from "pg";
import type { DeliveryStatus } from "../model/index.ts";

/** Named SQL of the outbox. `now` is service time, which deliverers on several machines share. */

export interface ClaimedDelivery {
  readonly id: number;
  readonly messageId: string;
  readonly workflowId: number;
  readonly workflowVersion: number;
  readonly executionId: number;
  readonly target: number;
  readonly payload: string;
  readonly attempt: number;
}

/** What this deliverer does not take. */
export interface LeftOut {
  /** Those that have as many in hand as they may. */
  readonly workflowIds: readonly number[];
  /** In hand: what was sent and could not be settled yet is not sent again when its lease is over. */
  readonly ids: readonly number[];
}

/** What became of an attempt. */
export interface AttemptResult {
  readonly status: DeliveryStatus;
  /** When to try again; null unless `status` is pending. */
  readonly retryMs: number | null;
  readonly responseStatus: number | null;
  readonly responseExcerpt: string | null;
  readonly error: string | null;
}

/**
 * Takes what is due, for `leaseMs`: who dies meanwhile leaves a row that is due again. What another deliverer is about to
 * take is passed over. Plan: "webhook_delivery_due", then "webhook_delivery_pkey".
 */
export async function claimDue(
  pool: pg.Pool,
  limit: number,
  leaseMs: number,
  { workflowIds, ids }: LeftOut,
  now: number,
): Promise<ClaimedDelivery[]> {
  const { rows } = await pool.query<ClaimedDelivery>({
    name: "webhook-claim",
    text: `UPDATE webhook_delivery
           SET attempt = attempt + 1, attempted_at = $4::timestamptz, due_at = $4::timestamptz + $2::int * interval '1 ms'
           WHERE id IN (
             SELECT id FROM webhook_delivery
             WHERE due_at <= $4::timestamptz AND workflow_id <> ALL ($3::int[]) AND id <> ALL ($5::bigint[])
             ORDER BY due_at, id LIMIT $1::int FOR UPDATE SKIP LOCKED
           )
           RETURNING id, message_id AS "messageId", workflow_id AS "workflowId", workflow_version AS "workflowVersion",
             execution_id AS "executionId", target, payload::text AS payload, attempt`,
    values: [limit, leaseMs, workflowIds, new Date(now), ids],
  });
  return rows;
}

/** When the next one is due; null when nothing waits. Plan: "webhook_delivery_due". */
export async function nextDueAt(pool: pg.Pool, { workflowIds, ids }: LeftOut): Promise<number | null> {
  const { rows } = await pool.query<{ at: Date }>({
    name: "webhook-next-due",
    text: `SELECT due_at AS at FROM webhook_delivery
           WHERE due_at IS NOT NULL AND workflow_id <> ALL ($1::int[]) AND id <> ALL ($2::bigint[])
           ORDER BY due_at, id LIMIT 1`,
    values: [workflowIds, ids],
  });
  return rows[0]?.at.getTime() ?? null;
}

/** False when the lease had run out and another deliverer has it: its attempt is the one that counts. */
export async function settleAttempt(
  pool: pg.Pool,
  { id, attempt }: Pick<ClaimedDelivery, "id" | "attempt">,
  result: AttemptResult,
  now: number,
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: "webhook-settle",
    text: `UPDATE webhook_delivery
           SET status = $3::text, due_at = $8::timestamptz + $4::int * interval '1 ms', response_status = $5::int,
             response_excerpt = $6::text, error = $7::text,
             completed_at = CASE WHEN $3::text = 'pending' THEN NULL ELSE $8::timestamptz END
           WHERE id = $1::bigint AND attempt = $2::int AND status = 'pending'`,
    values: [
      id,
      attempt,
      result.status,
      result.retryMs === null ? null : Math.ceil(result.retryMs),
      result.responseStatus,
      result.responseExcerpt,
      result.error,
      new Date(now),
    ],
  });
  return rowCount === 1;
}

/** Removes what was settled longer ago than that; the number of rows. Plan: "webhook_delivery_completed". */
export async function pruneSettled(pool: pg.Pool, days: number, limit: number, now: number): Promise<number> {
  const { rowCount } = await pool.query({
    name: "webhook-prune",
    text: `DELETE FROM webhook_delivery WHERE id IN (
             SELECT id FROM webhook_delivery WHERE completed_at < $3::timestamptz - $1::int * interval '1 day'
             ORDER BY completed_at LIMIT $2::int FOR UPDATE SKIP LOCKED
           )`,
    values: [days, limit, new Date(now)],
  });
  return rowCount ?? 0;
}
