import type pg from "pg";
import type { TenantId } from "../model/index.ts";

/** Numbers that are read from tallies, or counted up to a bound: never from a whole table of executions. */

export interface ExecutionTotals {
  readonly started: number;
  readonly completed: number;
  /** Timed out ones too. */
  readonly failed: number;
  readonly lastStartedAt: Date | null;
}

const sums = `coalesce(sum(started), 0)::bigint AS started, coalesce(sum(completed), 0)::bigint AS completed,
  coalesce(sum(failed + timed_out), 0)::bigint AS failed, max(last_started_at) AS "lastStartedAt"`;

/** Of each workflow that has ever begun one. Plan: "execution_count_pkey". */
export async function totalsOfWorkflows(
  pool: pg.Pool,
  tenantId: TenantId,
  workflowIds: readonly number[],
): Promise<Map<number, ExecutionTotals>> {
  const { rows } = await pool.query<ExecutionTotals & { id: number }>({
    name: "totals-of-workflows",
    text: `SELECT workflow_id AS id, ${sums} FROM execution_count
           WHERE workflow_id = ANY ($1::int[]) AND tenant_id = $2::text GROUP BY workflow_id`,
    values: [workflowIds, tenantId],
  });
  return new Map(rows.map(({ id, ...totals }) => [id, totals]));
}

/** Of the hours since `since`. Plan: "execution_count_tenant". */
export async function totalsSince(pool: pg.Pool, tenantId: TenantId, since: Date): Promise<ExecutionTotals> {
  const { rows } = await pool.query<ExecutionTotals>({
    name: "totals-of-tenant",
    text: `SELECT ${sums} FROM execution_count WHERE hour >= $1::timestamptz AND tenant_id = $2::text`,
    values: [since, tenantId],
  });
  return rows[0]!;
}

/** Executions that are not over, up to `max`. Plan: "execution_tenant_status". */
export async function countActive(pool: pg.Pool, tenantId: TenantId, max: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: "count-active-of-tenant",
    text: `SELECT count(*) FROM (
             SELECT 1 FROM unnest(ARRAY['pending', 'running', 'waiting', 'paused', 'compensating']) AS open (status)
             CROSS JOIN LATERAL (
               SELECT 1 FROM execution WHERE tenant_id = $2::text AND status = open.status LIMIT $1::int
             ) AS active LIMIT $1::int
           ) AS active`,
    values: [max, tenantId],
  });
  return rows[0]!.count;
}

/** Workflows that are not deleted, up to `max`, and how many of those are active and enabled. */
export async function countWorkflows(
  pool: pg.Pool,
  tenantId: TenantId,
  max: number,
): Promise<{ total: number; active: number }> {
  const { rows } = await pool.query<{ total: number; active: number }>({
    name: "count-workflows-of-tenant",
    text: `SELECT count(*) AS total, count(*) FILTER (WHERE status = 'active' AND is_enabled) AS active FROM (
             SELECT status, is_enabled FROM workflow
             WHERE status <> 'deleted' AND tenant_id = $2::text LIMIT $1::int
           ) AS counted`,
    values: [max, tenantId],
  });
  return rows[0]!;
}

/** Of all tenants together. */
export interface FiguresOfAllTenants {
  /** Not deleted; counted to a bound, as the next. */
  readonly workflows: number;
  /** Not over yet; paused ones left out. */
  readonly activeExecutions: number;
  /** Of the hours since a moment. */
  readonly executions: ExecutionTotals;
}

/** Plans: "execution_unfinished" and "execution_wake" for what is active, "execution_count_hour". */
export async function readFiguresOfAllTenants(pool: pg.Pool, since: Date, max: number): Promise<FiguresOfAllTenants> {
  const { rows } = await pool.query<ExecutionTotals & { workflows: number; activeExecutions: number }>({
    name: "figures-of-all-tenants",
    text: `SELECT
             (SELECT count(*) FROM (SELECT FROM workflow WHERE status <> 'deleted' LIMIT $2::int) AS counted) AS workflows,
             (SELECT count(*) FROM (
                SELECT FROM execution WHERE status = ANY (ARRAY['pending', 'running', 'compensating'])
                UNION ALL
                SELECT FROM execution WHERE wake_at IS NOT NULL AND status = 'waiting'
                LIMIT $2::int
              ) AS active) AS "activeExecutions",
             totals.*
           FROM (SELECT ${sums} FROM execution_count WHERE hour >= $1::timestamptz) AS totals`,
    values: [since, max],
  });
  const { workflows, activeExecutions, ...executions } = rows[0]!;
  return { workflows, activeExecutions, executions };
}
