import type pg from "pg";
import type { TenantId } from "../model/index.ts";
import type { FileTask } from "./file-records.ts";

/** Named SQL of what is to be done with files. `now` is service time, which several machines share. */

export interface ClaimedTask extends FileTask {
  readonly id: number;
  readonly fileId: number;
  readonly tenantId: TenantId;
  /** How often it was taken, this time included, since somebody last gave it back: each of the others ended the process. */
  readonly takes: number;
}

/**
 * Takes what is due, for `leaseMs`: who dies meanwhile leaves a row that is due again. Plan: "file_task_due", then
 * "file_task_pkey".
 */
export async function claimTasks(pool: pg.Pool, limit: number, leaseMs: number, now: number): Promise<ClaimedTask[]> {
  const { rows } = await pool.query<ClaimedTask>({
    name: "file-task-claim",
    text: `UPDATE file_task SET takes = takes + 1, due_at = $3::timestamptz + $2::int * interval '1 ms'
           WHERE id IN (
             SELECT id FROM file_task WHERE due_at <= $3::timestamptz
             ORDER BY due_at, id LIMIT $1::int FOR UPDATE SKIP LOCKED
           )
           RETURNING id, file_id AS "fileId", tenant_id AS "tenantId", extract, triggers, takes`,
    values: [limit, leaseMs, new Date(now)],
  });
  return rows;
}

/** When the next one is due; null when there is none. Plan: "file_task_due". */
export async function nextTaskAt(pool: pg.Pool): Promise<number | null> {
  const { rows } = await pool.query<{ at: Date }>({
    name: "file-task-next",
    text: "SELECT due_at AS at FROM file_task ORDER BY due_at, id LIMIT 1",
  });
  return rows[0]?.at.getTime() ?? null;
}

/** Plan: "file_task_pkey". */
export async function finishTask(pool: pg.Pool, id: number): Promise<void> {
  await pool.query({ name: "file-task-finish", text: "DELETE FROM file_task WHERE id = $1::bigint", values: [id] });
}

/** Plan: "file_task_pkey". */
export async function postponeTask(pool: pg.Pool, id: number, until: number): Promise<void> {
  await pool.query({
    name: "file-task-postpone",
    text: "UPDATE file_task SET takes = 0, due_at = $2::timestamptz WHERE id = $1::bigint",
    values: [id, new Date(until)],
  });
}

/** Nobody takes it any more; a file that it was to read has failed. Plans: "file_task_pkey", "file_pkey". */
export async function giveUpTask(pool: pg.Pool, id: number, error: string): Promise<void> {
  await pool.query({
    name: "file-task-give-up",
    text: `WITH gone AS (DELETE FROM file_task WHERE id = $1::bigint RETURNING file_id, extract)
           UPDATE file AS f SET status = 'failed', updated_at = now(),
             metadata = (coalesce(f.metadata::jsonb, '{}') || jsonb_build_object('error', $2::text))::json
           FROM gone WHERE f.id = gone.file_id AND gone.extract AND f.status <> 'deleted'`,
    values: [id, error],
  });
}
