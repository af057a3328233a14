import type pg from "pg";
import {
  type Columns,
  type CompensationStatus,
  type ExecutionSummary,
  executionColumns,
  executionOfCorrelation,
  idRange,
  numberOf,
  type Page,
  pageOf,
  toSummary,
  type Window,
} from "../engine/index.ts";
import { type SagaStatus, statusConditions } from "./saga-status.ts";

export interface SagaFilter {
  readonly status?: SagaStatus | undefined;
  /** `failed`: an operator must look. */
  readonly compensationStatus?: CompensationStatus | undefined;
  /** Number of a saga type; null: executions of workflows. Default: both. */
  readonly typeId?: number | null | undefined;
  readonly correlationId?: string | undefined;
}

export interface Stretch {
  readonly limit: number;
  readonly offset: number;
}

/** Newest first. Plans: "execution_tenant", "execution_tenant_status", "execution_workflow", "execution_correlation". */
export async function listSagas(
  pool: pg.Pool,
  tenantId: string,
  filter: SagaFilter,
  { limit, offset }: Stretch,
): Promise<ExecutionSummary[]> {
  const { where, values } = conditionsOf(tenantId, filter);
  const { rows } = await pool.query<Columns>(
    `SELECT ${executionColumns} FROM execution AS e WHERE ${where}
     ORDER BY e.id DESC LIMIT $${values.length + 1}::int OFFSET $${values.length + 2}::int`,
    [...values, limit, offset],
  );
  return rows.map(toSummary);
}

/** By keyset: a page of a long list costs what one of a short list does. */
export async function pageOfSagas(
  pool: pg.Pool,
  tenantId: string,
  filter: SagaFilter,
  window: Window,
): Promise<Page<ExecutionSummary>> {
  const { where, values } = conditionsOf(tenantId, filter);
  const { lower, upper, direction } = idRange(window, "DESC");
  const next = values.length + 1;
  const { rows } = await pool.query<Columns>(
    `SELECT ${executionColumns} FROM execution AS e WHERE ${where} AND e.id > $${next}::bigint AND e.id < $${next + 1}::bigint
     ORDER BY e.id ${direction} LIMIT $${next + 2}::int`,
    [...values, lower, upper, window.limit + 1],
  );
  return pageOf(rows.map(toSummary), window);
}

export async function countSagas(pool: pg.Pool, tenantId: string, filter: SagaFilter): Promise<number> {
  const { where, values } = conditionsOf(tenantId, filter);
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*) AS n FROM execution AS e WHERE ${where}`, values);
  return rows[0]!.n;
}

function conditionsOf(tenantId: string, filter: SagaFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [tenantId];
  const conditions = ["e.tenant_id = $1::text"];
  const bind = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
  const { status, compensationStatus, typeId, correlationId } = filter;
  if (status !== undefined) conditions.push(`(${statusConditions[status]})`);
  if (compensationStatus !== undefined) conditions.push(`e.compensation_status = ${bind(compensationStatus, "text")}`);
  if (typeId === null) {
    conditions.push(
      "NOT EXISTS (SELECT FROM saga_type AS t WHERE t.tenant_id = $1::text AND t.workflow_id = e.workflow_id)",
    );
  } else if (typeId !== undefined) conditions.push(`e.workflow_id = ${bind(typeId, "int")}`);
  if (correlationId !== undefined) conditions.push(correlated(correlationId, bind));
  return { where: conditions.join(" AND "), values };
}

/** A documented correlation id names one execution; a saga that was given none goes by its own id. */
function correlated(correlationId: string, bind: (value: unknown, type: string) => string): string {
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
