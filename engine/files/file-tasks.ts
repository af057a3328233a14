import type pg from "pg";
import type { FileTask } from "./file-records.ts";

/** Named SQL of what is to be done with files. All times are those of Postgres: several machines agree on what is due. */

export interface ClaimedTask extends FileTask {
  readonly id: number;
  readonly fileId: number;
  readonly tenantId: string;
}

/**
 * Takes what is due, for `leaseMs`: who dies meanwhile leaves a row that is due again. Plan: "file_task_due", then
 * "file_task_pkey".
 */
export async function claimTasks(pool: pg.Pool, limit: number, leaseMs: number): Promise<ClaimedTask[]> {
  const { rows } = await pool.query<ClaimedTask>({
    name: "file-task-claim",
    text: `UPDATE file_task SET due_at = now() + $2::int * interval '1 ms'
           WHERE id IN (
             SELECT id FROM file_task WHERE due_at <= now()
             ORDER BY due_at, id LIMIT $1::int FOR UPDATE SKIP LOCKED
           )
           RETURNING id, file_id AS "fileId", tenant_id AS "tenantId", extract, triggers`,
    values: [limit, leaseMs],
  });
  return rows;
}

/** ms until the next one is due, 0 when it is already; null when there is none. Plan: "file_task_due". */
export async function nextTaskMs(pool: pg.Pool): Promise<number | null> {
  const { rows } = await pool.query<{ ms: number }>({
    name: "file-task-next",
    text: `SELECT greatest(extract(epoch FROM due_at - now()) * 1000, 0)::float8 AS ms FROM file_task
           ORDER BY due_at, id LIMIT 1`,
  });
  return rows[0]?.ms ?? null;
}

/** Plan: "file_task_pkey". */
export async function finishTask(pool: pg.Pool, id: number): Promise<void> {
  await pool.query({ name: "file-task-finish", text: "DELETE FROM file_task WHERE id = $1::bigint", values: [id] });
}

/** Plan: "file_task_pkey". */
export async function postponeTask(pool: pg.Pool, id: number, ms: number): Promise<void> {
  await pool.query({
    name: "file-task-postpone",
    text: "UPDATE file_task SET due_at = now() + $2::int * interval '1 ms' WHERE id = $1::bigint",
    values: [id, ms],
  });
}
