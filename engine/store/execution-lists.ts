import type pg from "pg";
import type { EventType, ExecutionEvent } from "../execution/events.ts";
import type { ExecutionRecord, StepRecord } from "../execution/state.ts";
import type { ExecutionStatus } from "../execution/status.ts";
import { type Columns, group, toEvent, toExecution, toStep } from "./executions.ts";
import { idRange, type Page, pageOf, type Window } from "./window.ts";

/** Lists: a page of each owner's in one statement, however long their lists are. */

type Owner = "tenant_id" | "workflow_id";

/**
 * Plans: "execution_tenant", "execution_workflow", and with `statuses` "execution_tenant_status",
 * "execution_workflow_status", read once for each owner and status from where the page begins.
 *
 * `BETWEEN x AND x` says `= x` where the planner must not know it: for it, rows of one owner in order of id are also
 * what the primary key gives when others are left out, and for a small owner in a large table that walks past them all
 * (50 ms among 500,000 rows, 0.06 ms so, on PostgreSQL 15 and 18). The order here is one that only the index named has.
 * `status = ANY (…)` lost too: it sorts every row of those statuses.
 */
export async function listExecutions<O extends string | number>(
  pool: pg.Pool,
  owner: Owner,
  owners: readonly O[],
  statuses: readonly ExecutionStatus[] | null,
  window: Window,
): Promise<Map<O, Page<ExecutionRecord>>> {
  const { lower, upper, direction } = idRange(window, "DESC");
  const opposite = direction === "DESC" ? "ASC" : "DESC";
  const name = `list-executions-${owner}-${statuses === null ? "any" : "status"}-${direction}`;
  const key = owner === "tenant_id" ? "text" : "int";
  const { rows } = await pool.query<Columns>(
    statuses === null
      ? {
          name,
          text: `SELECT listed.* FROM unnest($1::${key}[]) AS owner (key)
                 CROSS JOIN LATERAL (
                   SELECT * FROM execution
                   WHERE ${owner} BETWEEN owner.key AND owner.key AND id > $2::bigint AND id < $3::bigint
                   ORDER BY ${owner} ${opposite}, id ${direction} LIMIT $4::int
                 ) AS listed`,
          values: [owners, lower, upper, window.limit + 1],
        }
      : {
          name,
          text: `SELECT listed.* FROM unnest($1::${key}[]) AS owner (key)
                 CROSS JOIN unnest($5::text[]) AS wanted (status)
                 CROSS JOIN LATERAL (
                   SELECT * FROM execution
                   WHERE ${owner} = owner.key AND status BETWEEN wanted.status AND wanted.status
                     AND id > $2::bigint AND id < $3::bigint
                   ORDER BY status ${opposite}, id ${direction} LIMIT $4::int
                 ) AS listed`,
          values: [owners, lower, upper, window.limit + 1, [...new Set(statuses)]],
        },
  );
  const lists = new Map<O, ExecutionRecord[]>(owners.map((id) => [id, []]));
  for (const row of rows) lists.get(row[owner] as O)?.push(toExecution(row));
  const sign = direction === "ASC" ? 1 : -1;
  return pages(lists, window, (a, b) => sign * (a.id - b.id));
}

/** Plans: as above, index only. Counts every row: ask only for what is shown. */
export async function countExecutions<O extends string | number>(
  pool: pg.Pool,
  owner: Owner,
  owners: readonly O[],
  statuses: readonly ExecutionStatus[] | null,
): Promise<Map<O, number>> {
  const { rows } = await pool.query<{ key: O; count: number }>({
    name: `count-executions-${owner}`,
    text: `SELECT ${owner} AS key, count(*) AS count FROM execution
           WHERE ${owner} = ANY ($1::${owner === "tenant_id" ? "text" : "int"}[])
             AND ($2::text[] IS NULL OR status = ANY ($2::text[]))
           GROUP BY ${owner}`,
    values: [owners, statuses],
  });
  return new Map(rows.map(({ key, count }) => [key, count]));
}

/** In the order in which they began. Plan: "execution_step_execution", then a sort of the execution's own steps. */
export async function listSteps(
  pool: pg.Pool,
  executionIds: readonly number[],
  window: Window,
): Promise<Map<number, Page<StepRecord>>> {
  const { lower, upper, direction } = idRange(window, "ASC");
  const { rows } = await pool.query<Columns>({
    name: `list-steps-${direction}`,
    text: `SELECT listed.* FROM unnest($1::bigint[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT * FROM execution_step
             WHERE execution_id = owner.id AND step_order > $2::bigint AND step_order < $3::bigint
             ORDER BY step_order ${direction} LIMIT $4::int
           ) AS listed`,
    values: [executionIds, lower, upper, window.limit + 1],
  });
  const sign = direction === "ASC" ? 1 : -1;
  return pages(group(rows, toStep), window, (a, b) => sign * (a.order - b.order));
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
): Promise<Map<number, Page<ExecutionEvent>>> {
  const { lower, upper, direction } = idRange(window, "ASC");
  const { rows } = await pool.query<Columns>({
    name: `list-events-${direction}`,
    text: `SELECT listed.* FROM unnest($1::bigint[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT execution_id, seq, type, step_id, data, at FROM execution_event
             WHERE execution_id = owner.id AND seq > $2::bigint AND seq < $3::bigint
             ORDER BY seq ${direction} LIMIT $4::int
           ) AS listed`,
    values: [executionIds, lower, upper, window.limit + 1],
  });
  const sign = direction === "ASC" ? 1 : -1;
  return pages(group(rows, toEvent), window, (a, b) => sign * (a.seq - b.seq));
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
             json_build_object('attempt', data->'attempt', 'error', data->'error', 'retry_at', data->'retry_at') AS data
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
): Promise<Map<number, StepRecord[]>> {
  const { rows } = await pool.query<Columns>({
    name: "read-waiting-steps",
    text: `SELECT listed.* FROM unnest($1::bigint[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT * FROM execution_step WHERE execution_id = owner.id AND status = 'waiting'
             ORDER BY wake_at, step_order LIMIT $2::int
           ) AS listed`,
    values: [executionIds, limit],
  });
  return group(rows, toStep);
}

/** Rows by primary key, those of other tenants left out. Plan: "execution_pkey". */
export async function executionsByIds(
  pool: pg.Pool,
  tenantId: string,
  ids: readonly number[],
): Promise<Map<number, ExecutionRecord>> {
  const { rows } = await pool.query<Columns>({
    name: "executions-by-ids",
    text: "SELECT * FROM execution WHERE id = ANY ($1::bigint[]) AND tenant_id = $2::text",
    values: [ids, tenantId],
  });
  return new Map(rows.map((row) => [row.id as number, toExecution(row)]));
}

/** Plan: "execution_step_pkey", then "execution_pkey" for the tenant. */
export async function stepsByIds(
  pool: pg.Pool,
  tenantId: string,
  ids: readonly number[],
): Promise<Map<number, { executionId: number; step: StepRecord }>> {
  const { rows } = await pool.query<Columns>({
    name: "steps-by-ids",
    text: `SELECT s.* FROM execution_step AS s JOIN execution AS e ON e.id = s.execution_id
           WHERE s.id = ANY ($1::bigint[]) AND e.tenant_id = $2::text`,
    values: [ids, tenantId],
  });
  return new Map(rows.map((row) => [row.id as number, { executionId: row.execution_id as number, step: toStep(row) }]));
}

function pages<K, T>(lists: Map<K, T[]>, window: Window, compare: (a: T, b: T) => number): Map<K, Page<T>> {
  return new Map([...lists].map(([key, items]) => [key, pageOf(items.sort(compare), window)]));
}

/**
 * A stretch by number, newest first: the ids are found in the index alone, and only the rows that are shown are read.
 * Plans: as `listExecutions`, index only, then "execution_pkey".
 */
export async function executionsAt(
  pool: pg.Pool,
  owner: Owner,
  key: string | number,
  statuses: readonly ExecutionStatus[] | null,
  stretch: { readonly limit: number; readonly offset: number },
): Promise<ExecutionRecord[]> {
  const { limit, offset } = stretch;
  const type = owner === "tenant_id" ? "text" : "int";
  const ids =
    statuses === null
      ? `SELECT id FROM execution WHERE ${owner} BETWEEN $1::${type} AND $1::${type}
         ORDER BY ${owner} ASC, id DESC OFFSET $2::int LIMIT $3::int`
      : `SELECT listed.id FROM unnest($4::text[]) AS wanted (status)
         CROSS JOIN LATERAL (
           SELECT id FROM execution
           WHERE ${owner} = $1::${type} AND status BETWEEN wanted.status AND wanted.status
           ORDER BY status ASC, id DESC LIMIT $2::int + $3::int
         ) AS listed ORDER BY listed.id DESC OFFSET $2::int LIMIT $3::int`;
  const { rows } = await pool.query<Columns>({
    name: `executions-at-${owner}-${statuses === null ? "any" : "status"}`,
    text: `SELECT execution.* FROM (${ids}) AS page JOIN execution ON execution.id = page.id ORDER BY execution.id DESC`,
    values: [key, offset, limit, ...(statuses === null ? [] : [[...new Set(statuses)]])],
  });
  return rows.map(toExecution);
}
