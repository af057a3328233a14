import type pg from "pg";
import type { TenantId } from "../model/index.ts";

/** An execution that could go on, and what has to be known before it is loaded. */
export interface Runnable {
  readonly id: number;
  readonly tenantId: TenantId;
  /** Characters of JSON that it holds. */
  readonly size: number;
}

/** One that was stored before sizes were is measured. Escapes count, so it is a little more. Plan: "execution_step_execution". */
const size = `coalesce(size, octet_length(trigger_data::text) + coalesce((
  SELECT sum(octet_length(input::text) + coalesce(octet_length(output::text), 0))
  FROM execution_step WHERE execution_id = execution.id), 0))::int AS size`;

/** What a `Runnable` is read from. */
export const runnableColumns = `id, tenant_id AS "tenantId", ${size}`;

/** Plan: "execution_pkey". */
export async function readRunnable(pool: pg.Pool, ids: readonly number[]): Promise<Runnable[]> {
  const { rows } = await pool.query<Runnable>({
    name: "dispatch-runnable",
    text: `SELECT ${runnableColumns} FROM execution WHERE id = ANY($1::bigint[])`,
    values: [ids],
  });
  return rows;
}
