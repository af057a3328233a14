import type pg from "pg";
import type { TenantId } from "../model/index.ts";
import type { ScheduleRow } from "./entities/schedule.ts";

/** Named SQL of the scheduler. */

const OVER_STATUSES = "('completed', 'failed', 'timed_out', 'cancelled')";
const columns = `id, tenant_id AS "tenantId", workflow_id AS "workflowId", cron, timezone, policies,
  trigger_data AS "triggerData", next_at AS "nextAt", queued_at AS "queuedAt",
  active_execution_ids AS "activeExecutionIds"`;

/** A row that this transaction holds: nobody else fires or changes it. */
export interface ClaimedSchedule
  extends Pick<
    ScheduleRow,
    "id" | "tenantId" | "workflowId" | "cron" | "timezone" | "policies" | "triggerData" | "activeExecutionIds"
  > {
  readonly nextAt: Date | null;
  readonly queuedAt: Date | null;
}

/** What became of a claimed row. */
export interface ScheduleChange {
  readonly id: number;
  /** Its `next_at` when it was claimed: the row is written only while that holds. */
  readonly claimedAt: Date | null;
  readonly nextAt: Date | null;
  /** null: no execution was started, the old value stays. */
  readonly lastAt: Date | null;
  readonly lastError: string | null;
  readonly queuedAt: Date | null;
  readonly activeExecutionIds: readonly number[];
}

/** Rows with a nominal time up to `now` that no other process holds. Plan: "schedule_due". */
export async function claimDue(
  client: pg.PoolClient,
  now: Date,
  without: readonly number[],
  limit: number,
): Promise<ClaimedSchedule[]> {
  const { rows } = await client.query<ClaimedSchedule>({
    name: "schedule-claim-due",
    text: `SELECT ${columns} FROM schedule
           WHERE next_at IS NOT NULL AND next_at <= $1::timestamptz AND id <> ALL($2::int[])
           ORDER BY next_at, id LIMIT $3::int
           FOR UPDATE SKIP LOCKED`,
    values: [now, without, limit],
  });
  return rows;
}

/** Rows with a time that waits for nothing any more. Plan: "schedule_queued", then "execution_pkey". */
export async function claimQueued(
  client: pg.PoolClient,
  without: readonly number[],
  limit: number,
): Promise<ClaimedSchedule[]> {
  const { rows } = await client.query<ClaimedSchedule>({
    name: "schedule-claim-queued",
    text: `SELECT ${columns} FROM schedule
           WHERE queued_at IS NOT NULL AND id <> ALL($1::int[])
             AND NOT EXISTS (
               SELECT FROM json_array_elements_text(active_execution_ids) AS active
                 JOIN execution ON execution.id = active.value::bigint
               WHERE execution.status NOT IN ${OVER_STATUSES})
           ORDER BY id LIMIT $2::int
           FOR UPDATE SKIP LOCKED`,
    values: [without, limit],
  });
  return rows;
}

/** Writes the rows that are still as they were claimed; returns how many that were. */
export async function advanceSchedules(client: pg.PoolClient, changes: readonly ScheduleChange[]): Promise<number> {
  const { rowCount } = await client.query({
    name: "schedule-advance",
    text: `UPDATE schedule SET
             next_at = change."nextAt",
             last_at = coalesce(change."lastAt", schedule.last_at),
             last_error = change."lastError",
             queued_at = change."queuedAt",
             active_execution_ids = change."activeExecutionIds"
           FROM json_to_recordset($1::json) AS change (
             id int, "claimedAt" timestamptz, "nextAt" timestamptz, "lastAt" timestamptz,
             "lastError" text, "queuedAt" timestamptz, "activeExecutionIds" json)
           WHERE schedule.id = change.id AND schedule.next_at IS NOT DISTINCT FROM change."claimedAt"`,
    values: [JSON.stringify(changes)],
  });
  return rowCount ?? 0;
}

/** Plan: index only scan on "schedule_due", its first row. */
export async function nearestSchedule(pool: pg.Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>({
    name: "schedule-nearest",
    text: "SELECT min(next_at) AS at FROM schedule WHERE next_at IS NOT NULL",
  });
  return rows[0]?.at ?? null;
}

/** The executions that queued times wait for. Plan: "schedule_queued", then "execution_pkey". */
export async function awaitedExecutions(
  pool: pg.Pool,
  limit: number,
): Promise<{ readonly id: number; readonly tenantId: TenantId }[]> {
  const { rows } = await pool.query<{ id: number; tenantId: TenantId }>({
    name: "schedule-awaited",
    text: `SELECT execution.id, execution.tenant_id AS "tenantId"
           FROM schedule
             CROSS JOIN LATERAL json_array_elements_text(active_execution_ids) AS active
             JOIN execution ON execution.id = active.value::bigint
           WHERE queued_at IS NOT NULL AND execution.status NOT IN ${OVER_STATUSES}
           LIMIT $1::int`,
    values: [limit],
  });
  return rows;
}

/** Which of these executions are not over. */
export async function unfinishedAmong(pool: pg.Pool, executionIds: readonly number[]): Promise<ReadonlySet<number>> {
  if (executionIds.length === 0) return new Set();
  const { rows } = await pool.query<{ id: number }>({
    name: "executions-unfinished",
    text: `SELECT id FROM execution WHERE id = ANY($1::bigint[]) AND status NOT IN ${OVER_STATUSES}`,
    values: [executionIds],
  });
  return new Set(rows.map((row) => row.id));
}

/** Which of these keys a start was made with. Plan: "execution_idempotency". */
export async function usedKeys(
  pool: pg.Pool,
  workflowId: number,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ key: string }>({
    name: "execution-keys-used",
    text: `SELECT idempotency_key AS key FROM execution
           WHERE workflow_id = $1::int AND idempotency_key = ANY($2::text[])`,
    values: [workflowId, keys],
  });
  return new Set(rows.map((row) => row.key));
}
