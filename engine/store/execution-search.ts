import type pg from "pg";
import {
  type CompensationStatus,
  type ExecutionStatus,
  type ExecutionSummary,
  executionOfCorrelation,
  idRange,
  numberOf,
  type Page,
  pageOf,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { type Columns, executionColumns, toSummary } from "./executions.ts";

/** Where an execution may stand with its work and with its undoing. */
export interface Standing {
  readonly statuses: readonly ExecutionStatus[];
  /** Default: any. */
  readonly compensations?: readonly CompensationStatus[];
}

/** Executions as sagas are looked for. What is absent does not restrict. */
export interface ExecutionSearch {
  /** One of these. */
  readonly standings?: readonly Standing[] | undefined;
  readonly compensation?: CompensationStatus | undefined;
  /** Number of a saga type; null: executions of workflows. */
  readonly sagaType?: number | null | undefined;
  /** The id that it goes by as a saga: see `sagaIdentity`. */
  readonly correlationId?: string | undefined;
}

/** Newest first. Plans: "execution_tenant", "execution_tenant_status", "execution_workflow", "execution_correlation". */
export async function searchExecutionsAt(
  pool: pg.Pool,
  tenantId: TenantId,
  search: ExecutionSearch,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<ExecutionSummary[]> {
  const { where, values } = conditionsOf(tenantId, search);
  const { rows } = await pool.query<Columns>(
    `SELECT ${executionColumns} FROM execution AS e WHERE ${where}
     ORDER BY e.id DESC LIMIT $${values.length + 1}::int OFFSET $${values.length + 2}::int`,
    [...values, limit, offset],
  );
  return rows.map(toSummary);
}

/** By keyset: a page of a long list costs what one of a short list does. */
export async function searchExecutions(
  pool: pg.Pool,
  tenantId: TenantId,
  search: ExecutionSearch,
  window: Window,
): Promise<Page<ExecutionSummary>> {
  const { where, values } = conditionsOf(tenantId, search);
  const { lower, upper, direction } = idRange(window, "DESC");
  const next = values.length + 1;
  const { rows } = await pool.query<Columns>(
    `SELECT ${executionColumns} FROM execution AS e WHERE ${where} AND e.id > $${next}::bigint AND e.id < $${next + 1}::bigint
     ORDER BY e.id ${direction} LIMIT $${next + 2}::int`,
    [...values, lower, upper, window.limit + 1],
  );
  return pageOf(rows.map(toSummary), window);
}

export async function countFound(pool: pg.Pool, tenantId: TenantId, search: ExecutionSearch): Promise<number> {
  const { where, values } = conditionsOf(tenantId, search);
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*) AS n FROM execution AS e WHERE ${where}`, values);
  return rows[0]!.n;
}

type Bind = (value: unknown, type: string) => string;

function conditionsOf(tenantId: TenantId, search: ExecutionSearch): { where: string; values: unknown[] } {
  const values: unknown[] = [tenantId];
  const conditions = ["e.tenant_id = $1::text"];
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`;
  const { standings, compensation, sagaType, correlationId } = search;
  if (standings !== undefined) conditions.push(`(${standings.map((one) => stands(one, bind)).join(" OR ")})`);
  if (compensation !== undefined) conditions.push(`e.compensation_status = ${bind(compensation, "text")}`);
  if (sagaType === null) {
    conditions.push(
      "NOT EXISTS (SELECT FROM saga_type AS t WHERE t.tenant_id = $1::text AND t.workflow_id = e.workflow_id)",
    );
  } else if (sagaType !== undefined) conditions.push(`e.workflow_id = ${bind(sagaType, "int")}`);
  if (correlationId !== undefined) conditions.push(correlated(correlationId, bind));
  return { where: conditions.join(" AND "), values };
}

function stands({ statuses, compensations }: Standing, bind: Bind): string {
  const isIn = (column: string, words: readonly string[]): string =>
    // One word as itself: then the order of the index is that of the list.
    words.length === 1 ? `e.${column} = ${bind(words[0], "text")}` : `e.${column} = ANY(${bind(words, "text[]")})`;
  const status = isIn("status", statuses);
  return compensations === undefined ? status : `${status} AND ${isIn("compensation_status", compensations)}`;
}

/** A documented correlation id names one execution; a saga that was given none goes by its own id. */
function correlated(correlationId: string, bind: Bind): string {
  const named = executionOfCorrelation(correlationId);
  if (named) {
    const { workflowId, executionId } = named;
    return `e.id = ${bind(executionId, "bigint")} AND e.workflow_id = ${bind(workflowId, "int")}`;
  }
  const own = numberOf(correlationId);
  const given = `e.correlation_id = ${bind(correlationId, "text")}`;
  return own === null
    ? given
    : `(${given} OR (e.id = ${bind(own, "bigint")} AND e.uid = ${bind(correlationId, "uuid")}))`;
}
