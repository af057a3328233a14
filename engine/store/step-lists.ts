import type pg from "pg";
import {
  type EventSummary,
  type EventType,
  type ExecutionEvent,
  type ExecutionId,
  idRange,
  type Page,
  pagesOf,
  type StepSummary,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { type Columns, group, stepColumns, toEvent, toEventSummary, toStepSummary } from "./executions.ts";
import { isReadable } from "./readable-json.ts";

/** What executions consist of, without the clients' own JSON: a page of each one's steps or events in one statement. */

/** In the order in which they began. Plan: "execution_step_execution", then a sort of the execution's own steps. */
export async function listSteps(
  pool: pg.Pool,
  executionIds: readonly number[],
  window: Window,
): Promise<Map<number, Page<StepSummary>>> {
  const { lower, upper, direction } = idRange(window, "ASC");
  const { rows } = await pool.query<Columns>({
    name: `list-steps-${direction}`,
    text: `SELECT listed.* FROM unnest($1::bigint[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT ${stepColumns} FROM execution_step
             WHERE execution_id = owner.id AND step_order > $2::bigint AND step_order < $3::bigint
             ORDER BY step_order ${direction} LIMIT $4::int
           ) AS listed`,
    values: [executionIds, lower, upper, window.limit + 1],
  });
  const sign = direction === "ASC" ? 1 : -1;
  return pagesOf(group(rows, toStepSummary), window, (a, b) => sign * (a.order - b.order));
}

/** Plan: "execution_step_execution", index only. */
export async function countSteps(pool: pg.Pool, executionIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ id: number; count: number }>({
    name: "count-steps",
    text: `SELECT execution_id AS id, count(*) AS count FROM execution_step
           WHERE execution_id = ANY ($1::bigint[]) GROUP BY execution_id`,
    values: [executionIds],
  });
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** By seq. Plan: "execution_event_pkey". */
export async function listEvents(
  pool: pg.Pool,
  executionIds: readonly number[],
  window: Window,
): Promise<Map<number, Page<EventSummary>>> {
  const { lower, upper, direction } = idRange(window, "ASC");
  const { rows } = await pool.query<Columns>({
    name: `list-events-${direction}`,
    text: `SELECT listed.* FROM unnest($1::bigint[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT execution_id, seq, type, step_id, at FROM execution_event
             WHERE execution_id = owner.id AND seq > $2::bigint AND seq < $3::bigint
             ORDER BY seq ${direction} LIMIT $4::int
           ) AS listed`,
    values: [executionIds, lower, upper, window.limit + 1],
  });
  const sign = direction === "ASC" ? 1 : -1;
  return pagesOf(group(rows, toEventSummary), window, (a, b) => sign * (a.seq - b.seq));
}

/**
 * Events of some types of the given steps, by execution and seq, without the inputs and outputs that they carry.
 * Plan: "execution_event_pkey": all events of the executions are read. An index by step would cost every step of every
 * execution a write, for what is seldom asked.
 */
export async function readStepEvents(
  pool: pg.Pool,
  executionIds: readonly number[],
  stepIds: readonly number[],
  types: readonly EventType[],
): Promise<Map<number, ExecutionEvent[]>> {
  const { rows } = await pool.query<Columns>({
    name: "read-step-events",
    text: `SELECT execution_id, seq, type, step_id, at,
             CASE WHEN ${isReadable("data")}
               THEN json_build_object('attempt', data->'attempt', 'error', data->'error', 'retry_at', data->'retry_at')
               ELSE data END AS data
           FROM execution_event
           WHERE execution_id = ANY ($1::bigint[]) AND step_id = ANY ($2::bigint[]) AND type = ANY ($3::text[])
           ORDER BY execution_id, seq`,
    values: [executionIds, stepIds, types],
  });
  return Map.groupBy(rows.map(toEvent), (event) => event.stepId!);
}

/** What each execution waits for: its waiting steps, the first `limit` of each. Plan: "execution_step_execution". */
export async function readWaitingSteps(
  pool: pg.Pool,
  executionIds: readonly number[],
  limit: number,
): Promise<Map<number, StepSummary[]>> {
  const { rows } = await pool.query<Columns>({
    name: "read-waiting-steps",
    text: `SELECT listed.* FROM unnest($1::bigint[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT ${stepColumns} FROM execution_step WHERE execution_id = owner.id AND status = 'waiting'
             ORDER BY wake_at, step_order LIMIT $2::int
           ) AS listed`,
    values: [executionIds, limit],
  });
  return group(rows, toStepSummary);
}

/** Plan: "execution_step_pkey", then "execution_pkey" for the tenant. */
export async function stepsByIds(
  pool: pg.Pool,
  tenantId: TenantId,
  ids: readonly number[],
): Promise<Map<number, { executionId: ExecutionId; step: StepSummary }>> {
  const { rows } = await pool.query<Columns>({
    name: "steps-by-ids",
    text: `SELECT ${stepColumns} FROM execution_step WHERE id = ANY ($1::bigint[])
             AND EXISTS (SELECT FROM execution AS e WHERE e.id = execution_id AND e.tenant_id = $2::text)`,
    values: [ids, tenantId],
  });
  return new Map(
    rows.map((row) => [row.id as number, { executionId: row.execution_id as ExecutionId, step: toStepSummary(row) }]),
  );
}
