import type pg from "pg";
import type { TenantId } from "../model/index.ts";

/** Why an execution is not removed. */
export interface Hold {
  readonly reason: string;
  readonly heldAt: Date;
}

/**
 * Null: the tenant has no such execution. The lock on its row keeps it from being removed meanwhile.
 * Plan: "execution_pkey".
 */
export async function holdExecution(
  pool: pg.Pool,
  tenantId: TenantId,
  id: number,
  { reason, heldAt }: Hold,
): Promise<Hold | null> {
  const { rows } = await pool.query<Hold>({
    name: "hold-execution",
    text: `INSERT INTO execution_hold (execution_id, tenant_id, reason, held_at)
           SELECT id, tenant_id, $3::text, $4::timestamptz FROM execution
           WHERE id = $1::bigint AND tenant_id = $2::text FOR KEY SHARE
           ON CONFLICT (execution_id) DO UPDATE SET reason = excluded.reason
           RETURNING reason, held_at AS "heldAt"`,
    values: [id, tenantId, reason, heldAt],
  });
  return rows[0] ?? null;
}

/** False: nobody held it. */
export async function releaseExecution(pool: pg.Pool, tenantId: TenantId, id: number): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: "release-execution",
    text: "DELETE FROM execution_hold WHERE execution_id = $1::bigint AND tenant_id = $2::text",
    values: [id, tenantId],
  });
  return rowCount === 1;
}

/** Plan: "execution_hold_pkey". */
export async function readHolds(pool: pg.Pool, ids: readonly number[]): Promise<Map<number, Hold>> {
  const { rows } = await pool.query<Hold & { id: number }>({
    name: "read-holds",
    text: `SELECT execution_id AS id, reason, held_at AS "heldAt" FROM execution_hold
           WHERE execution_id = ANY($1::bigint[])`,
    values: [ids],
  });
  return new Map(rows.map(({ id, ...hold }) => [id, hold]));
}
