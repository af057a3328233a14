import type pg from "pg";
import type { TenantId } from "../model/index.ts";

/** What executions are of: a workflow, a deleted one too, or a saga type. */
export interface Owner {
  readonly workflowId: number;
  readonly tenantId: TenantId;
  /** Null: it says nothing itself. */
  readonly retentionDays: number | null;
}

/** `all` false: only those that say themselves how long. */
export async function readOwners(pool: pg.Pool, all: boolean): Promise<Owner[]> {
  const { rows } = await pool.query<Owner>({
    name: "read-owners",
    text: `SELECT id AS "workflowId", tenant_id AS "tenantId", retention_days AS "retentionDays" FROM workflow
           WHERE $1::bool OR retention_days IS NOT NULL
           UNION ALL
           SELECT workflow_id, tenant_id, NULL FROM saga_type WHERE $1::bool
           ORDER BY 1`,
    values: [all],
  });
  return rows;
}

/** A stretch of a workflow's executions: ids strictly between. */
export interface Stretch {
  readonly workflowId: number;
  readonly above: number;
  readonly below: number;
}

/**
 * The oldest of a stretch: `last` of them, or null, and which of them have ended before then and are nobody's child.
 * Plan: "execution_workflow", backwards.
 */
export async function findExpired(
  pool: pg.Pool,
  { workflowId, above, below }: Stretch,
  endedBefore: number,
  limit: number,
): Promise<{ readonly last: number | null; readonly expired: readonly number[] }> {
  const { rows } = await pool.query<{ last: number | null; expired: number[] }>({
    name: "find-expired",
    text: `WITH oldest AS MATERIALIZED (
             SELECT id, parent_id, completed_at FROM execution
             WHERE workflow_id = $1::int AND id > $2::bigint AND id < $3::bigint ORDER BY id LIMIT $5::int
           )
           SELECT max(id) AS last,
             coalesce(json_agg(id ORDER BY id) FILTER (
               WHERE parent_id IS NULL AND completed_at < $4::timestamptz), '[]') AS expired
           FROM oldest`,
    values: [workflowId, above, below, new Date(endedBefore), limit],
  });
  return rows[0]!;
}
