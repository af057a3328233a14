import type pg from "pg";
import type { TenantId } from "../model/index.ts";

/**
 * How many executions a start has led to by what is stored, and which of these ids that includes: one snapshot for both.
 * Plans: "execution_tree_pkey", "execution_pkey".
 */
export async function countTree(
  pool: pg.Pool,
  rootId: number,
  ids: readonly number[],
): Promise<{ stored: number; known: number }> {
  const { rows } = await pool.query<{ stored: number; known: number }>({
    name: "count-tree",
    text: `SELECT (SELECT coalesce(sum(descendants), 0)::int FROM execution_tree WHERE root_id = $1::bigint) AS stored,
                  (SELECT count(*)::int FROM execution WHERE id = ANY($2::bigint[])) AS known`,
    values: [rootId, ids],
  });
  return rows[0]!;
}

/** The start that an execution of this tenant belongs to; null when there is no such execution. Plan: "execution_pkey". */
export async function rootOfExecution(pool: pg.Pool, tenantId: TenantId, id: number): Promise<number | null> {
  const { rows } = await pool.query<{ root: number }>({
    name: "root-of-execution",
    text: "SELECT coalesce(root_id, id) AS root FROM execution WHERE id = $1::bigint AND tenant_id = $2::text",
    values: [id, tenantId],
  });
  return rows[0]?.root ?? null;
}
