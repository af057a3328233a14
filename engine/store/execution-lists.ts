import type pg from "pg";
import {
  type ExecutionStatus,
  type ExecutionSummary,
  idRange,
  type Page,
  pageOf,
  pagesOf,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { anyTime, type CreatedRange } from "./created-range.ts";
import { type Columns, executionColumns, toSummary } from "./executions.ts";

/** Lists of executions, newest first: a page costs the same however long the list is. */

type Owner = "tenant_id" | "workflow_id";

export interface Selection {
  /** Default: any. */
  readonly statuses: readonly ExecutionStatus[] | undefined;
  readonly created: CreatedRange;
}

/** What goes by one correlation id. */
interface Correlated extends Selection {
  readonly tenantId: TenantId;
  readonly correlationId: string;
  /** Default: any. */
  readonly workflowId: number | undefined;
}

/**
 * A page for each owner in one statement.
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
  { statuses, created }: Selection,
  window: Window,
): Promise<Map<O, Page<ExecutionSummary>>> {
  const { direction, values } = stretchOf(created, window);
  const opposite = direction === "DESC" ? "ASC" : "DESC";
  const name = `list-executions-${owner}-${statuses === undefined ? "any" : "status"}-${direction}`;
  const key = owner === "tenant_id" ? "text" : "int";
  const { rows } = await pool.query<Columns>(
    statuses === undefined
      ? {
          name,
          text: `SELECT listed.* FROM unnest($1::${key}[]) AS owner (key)
                 CROSS JOIN LATERAL (
                   SELECT ${executionColumns} FROM execution
                   WHERE ${owner} BETWEEN owner.key AND owner.key AND ${inStretch(3)}
                   ORDER BY ${owner} ${opposite}, id ${direction} LIMIT $2::int
                 ) AS listed`,
          values: [owners, window.limit + 1, ...values],
        }
      : {
          name,
          text: `SELECT listed.* FROM unnest($1::${key}[]) AS owner (key)
                 CROSS JOIN unnest($7::text[]) AS wanted (status)
                 CROSS JOIN LATERAL (
                   SELECT ${executionColumns} FROM execution
                   WHERE ${owner} = owner.key AND status BETWEEN wanted.status AND wanted.status AND ${inStretch(3)}
                   ORDER BY status ${opposite}, id ${direction} LIMIT $2::int
                 ) AS listed`,
          values: [owners, window.limit + 1, ...values, [...new Set(statuses)]],
        },
  );
  const lists = new Map<O, ExecutionSummary[]>(owners.map((id) => [id, []]));
  for (const row of rows) lists.get(row[owner] as O)?.push(toSummary(row));
  const sign = direction === "ASC" ? 1 : -1;
  return pagesOf(lists, window, (a, b) => sign * (a.id - b.id));
}

/**
 * Counts every row: ask only for what is shown.
 * Plans: as `listExecutions`, index only but for those of a stretch of time.
 */
export async function countExecutions<O extends string | number>(
  pool: pg.Pool,
  owner: Owner,
  owners: readonly O[],
  { statuses, created }: Selection,
): Promise<Map<O, number>> {
  const isTimed = created !== anyTime;
  const { rows } = await pool.query<{ key: O; count: number }>({
    name: `count-executions-${owner}-${isTimed ? "timed" : "all"}`,
    text: `SELECT ${owner} AS key, count(*) AS count FROM execution
           WHERE ${owner} = ANY ($1::${owner === "tenant_id" ? "text" : "int"}[])
             AND ($2::text[] IS NULL OR status = ANY ($2::text[])) ${isTimed ? `AND ${inStretch(3)}` : ""}
           GROUP BY ${owner}`,
    values: [owners, statuses, ...(isTimed ? stretchOf(created, whole).values : [])],
  });
  return new Map(rows.map(({ key, count }) => [key, count]));
}

/** Of one request and what it led to. Plan: "execution_correlation"; the rest of the filter is applied to its rows. */
export async function listCorrelated(
  pool: pg.Pool,
  selection: Correlated,
  window: Window,
): Promise<Page<ExecutionSummary>> {
  const { direction, values } = stretchOf(selection.created, window);
  const { rows } = await pool.query<Columns>({
    name: `list-correlated-${direction}`,
    text: `SELECT ${executionColumns} FROM execution WHERE ${isCorrelated}
           ORDER BY correlation_id ${direction === "DESC" ? "ASC" : "DESC"}, id ${direction} LIMIT $9::int`,
    values: [...correlation(selection), ...values, window.limit + 1],
  });
  return pageOf(rows.map(toSummary), window);
}

/** Plan: as above. */
export async function countCorrelated(pool: pg.Pool, selection: Correlated): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: "count-correlated",
    text: `SELECT count(*) AS count FROM execution WHERE ${isCorrelated}`,
    values: [...correlation(selection), ...stretchOf(selection.created, whole).values],
  });
  return rows[0]!.count;
}

const whole: Window = { limit: 0, after: null, before: null, fromEnd: false };

/** What of the window was created in the range. */
function stretchOf({ since, until, above, below }: CreatedRange, window: Window) {
  const { lower, upper, direction } = idRange(window, "DESC");
  return { direction, values: [Math.max(lower, above), Math.min(upper, below), since, until] };
}

/** The values of a stretch are the parameters from this number on. */
function inStretch(first: number): string {
  return `id > $${first}::bigint AND id < $${first + 1}::bigint
          AND created_at >= $${first + 2}::timestamptz AND created_at < $${first + 3}::timestamptz`;
}

const isCorrelated = `tenant_id = $1::text AND correlation_id BETWEEN $2::text AND $2::text
  AND ($3::int IS NULL OR workflow_id = $3::int) AND ($4::text[] IS NULL OR status = ANY ($4::text[]))
  AND ${inStretch(5)}`;

function correlation({ tenantId, correlationId, workflowId, statuses }: Correlated) {
  return [tenantId, correlationId, workflowId, statuses];
}

/** By primary key, those of other tenants left out. Plan: "execution_pkey". */
export async function executionsByIds(
  pool: pg.Pool,
  tenantId: TenantId,
  ids: readonly number[],
): Promise<Map<number, ExecutionSummary>> {
  const { rows } = await pool.query<Columns>({
    name: "executions-by-ids",
    text: `SELECT ${executionColumns} FROM execution WHERE id = ANY ($1::bigint[]) AND tenant_id = $2::text`,
    values: [ids, tenantId],
  });
  return new Map(rows.map((row) => [row.id as number, toSummary(row)]));
}

/**
 * A stretch by number, newest first: the ids are found in the index alone, and only the rows that are shown are read.
 * Plans: as `listExecutions`, index only, then "execution_pkey".
 */
export async function executionsAt(
  pool: pg.Pool,
  owner: Owner,
  key: string | number,
  statuses: readonly ExecutionStatus[] | undefined,
  stretch: { readonly limit: number; readonly offset: number },
): Promise<ExecutionSummary[]> {
  const { limit, offset } = stretch;
  const type = owner === "tenant_id" ? "text" : "int";
  const ids =
    statuses === undefined
      ? `SELECT id FROM execution WHERE ${owner} BETWEEN $1::${type} AND $1::${type}
         ORDER BY ${owner} ASC, id DESC OFFSET $2::int LIMIT $3::int`
      : `SELECT listed.id FROM unnest($4::text[]) AS wanted (status)
         CROSS JOIN LATERAL (
           SELECT id FROM execution
           WHERE ${owner} = $1::${type} AND status BETWEEN wanted.status AND wanted.status
           ORDER BY status ASC, id DESC LIMIT $2::int + $3::int
         ) AS listed ORDER BY listed.id DESC OFFSET $2::int LIMIT $3::int`;
  const { rows } = await pool.query<Columns>({
    name: `executions-at-${owner}-${statuses === undefined ? "any" : "status"}`,
    text: `SELECT ${executionColumns} FROM (${ids}) AS page JOIN execution USING (id) ORDER BY id DESC`,
    values: [key, offset, limit, ...(statuses === undefined ? [] : [[...new Set(statuses)]])],
  });
  return rows.map(toSummary);
}
