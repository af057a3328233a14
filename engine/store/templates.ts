import type pg from "pg";
import { idRange, type Page, pageOf, type TenantId, type Window } from "../model/index.ts";

/** Named SQL of templates. A list is two ordered scans, of public rows and of the tenant's private ones, merged. */

export interface TemplateSelection {
  readonly tenantId: TenantId;
  readonly publicOnly: boolean;
  readonly category: string | null;
  /** A row must have all of them. */
  readonly tags: readonly string[];
  /** Beginnings of words, all of which must occur; null: any row. */
  readonly words: readonly string[] | null;
}

/** No more categories are told, and no category is counted further than this. */
const MAX_CATEGORIES = 1_000;

/**
 * From so many matches on, reading rows in their order until enough match is faster than gathering all matches.
 * Postgres guesses too high how many rows a word's beginning or a tag has, and would read a million rows for a rare one (150 ms).
 */
const MANY_MATCHES = 10_000;

/**
 * Ids, newest first. Plans: "template_public", "template_private", and with a category "template_public_category",
 * "template_private_category"; for rare words and tags "template_search" and "template_tags".
 */
export async function readTemplateIds(
  pool: pg.Pool,
  selection: TemplateSelection,
  window: Window,
  offset = 0,
): Promise<Page<number>> {
  const { lower, upper, direction } = idRange(window, "DESC");
  const isSearch = selection.words !== null || selection.tags.length > 0;
  const isRare = isSearch && (await countTemplates(pool, selection, MANY_MATCHES)) < MANY_MATCHES;
  // A sum has no index: what matches is gathered by "template_search" or "template_tags", then sorted.
  const order = `${isRare ? "id + 0" : "id"} ${direction}`;
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const range = `id > ${bind(lower)}::bigint AND id < ${bind(upper)}::bigint`;
  const limit = bind(offset + window.limit + 1);
  const parts = visibleParts(selection, bind).map(
    (where) => `(SELECT id FROM template WHERE ${where} AND ${range} ORDER BY ${order} LIMIT ${limit}::int)`,
  );
  const { rows } = await pool.query<{ id: number }>(
    `SELECT id FROM (${parts.join(" UNION ALL ")}) AS visible
     ORDER BY id ${direction} OFFSET ${bind(offset)}::int LIMIT ${bind(window.limit + 1)}::int`,
    values,
  );
  return pageOf(
    rows.map((row) => row.id),
    window,
  );
}

/** How many there are, up to `max`. Plans: as of readTemplateIds. */
export async function countTemplates(pool: pg.Pool, selection: TemplateSelection, max: number): Promise<number> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const parts = visibleParts(selection, bind).map((where) => `(SELECT 1 FROM template WHERE ${where})`);
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*) FROM (SELECT 1 FROM (${parts.join(" UNION ALL ")}) AS visible LIMIT ${bind(max)}::int) AS counted`,
    values,
  );
  return rows[0]!.count;
}

function visibleParts(selection: TemplateSelection, bind: (value: unknown) => string): string[] {
  const { tenantId, publicOnly, category, tags, words } = selection;
  const filters: string[] = [];
  if (category !== null) filters.push(`category = ${bind(category)}::text`);
  if (tags.length > 0) filters.push(`tags @> ${bind(tags)}::text[]`);
  // Words are letters and digits only: nothing in them means anything to tsquery.
  if (words !== null) {
    filters.push(`search @@ to_tsquery('simple', ${bind(words.map((word) => `${word}:*`).join(" & "))}::text)`);
  }
  const visible = ["is_public"];
  if (!publicOnly) visible.push(`NOT is_public AND tenant_id = ${bind(tenantId)}::text`);
  return visible.map((where) => [where, ...filters].join(" AND "));
}

export interface CategoryCount {
  readonly name: string;
  readonly count: number;
}

/**
 * The categories that the tenant sees, by name, each counted up to `max`. Hops from one category to the next, so that the
 * number of templates does not matter. Plans: "template_public_category", "template_private_category".
 */
export async function countCategories(pool: pg.Pool, tenantId: TenantId, max: number): Promise<CategoryCount[]> {
  const next = (visible: string, from: string) =>
    `(SELECT t.category FROM template AS t WHERE ${visible} AND ${from} ORDER BY t.category LIMIT 1)`;
  const hops = (name: string, visible: string) => `${name} AS (
    SELECT ${next(visible, "t.category IS NOT NULL")} AS category
    UNION ALL
    SELECT ${next(visible, `t.category > ${name}.category`)} FROM ${name} WHERE ${name}.category IS NOT NULL
  )`;
  const isPublic = "t.is_public";
  const isOwn = "NOT t.is_public AND t.tenant_id = $1::text";
  const counted = (visible: string) => `(SELECT 1 FROM template AS t WHERE ${visible} AND t.category = known.category)`;
  const { rows } = await pool.query<CategoryCount>(
    `WITH RECURSIVE ${hops("public_category", isPublic)}, ${hops("own_category", isOwn)}, known AS (
       SELECT category FROM (
         (SELECT category FROM public_category LIMIT ${MAX_CATEGORIES})
         UNION
         (SELECT category FROM own_category LIMIT ${MAX_CATEGORIES})
       ) AS both_kinds WHERE category IS NOT NULL ORDER BY category LIMIT ${MAX_CATEGORIES}
     )
     SELECT known.category AS name,
       (SELECT count(*) FROM (${counted(isPublic)} UNION ALL ${counted(isOwn)} LIMIT $2::int) AS counted) AS count
     FROM known ORDER BY known.category`,
    [tenantId, max],
  );
  return rows;
}

export interface ExecutionTotals {
  readonly started: number;
  readonly completed: number;
  /** Timed out ones too. */
  readonly failed: number;
}

/**
 * Executions of the tenant's workflows that were made from each template; one without any is not in the map.
 * Plans: "workflow_template", then "execution_count_pkey".
 */
export async function sumTemplateExecutions(
  pool: pg.Pool,
  tenantId: TenantId,
  templateIds: readonly number[],
): Promise<Map<number, ExecutionTotals>> {
  const { rows } = await pool.query<ExecutionTotals & { id: number }>({
    name: "template-executions",
    text: `SELECT w.template_id AS id, sum(c.started)::bigint AS started, sum(c.completed)::bigint AS completed,
             sum(c.failed + c.timed_out)::bigint AS failed
           FROM workflow AS w JOIN execution_count AS c ON c.workflow_id = w.id
           WHERE w.template_id = ANY ($1::int[]) AND w.tenant_id = $2::text GROUP BY w.template_id`,
    values: [templateIds, tenantId],
  });
  return new Map(rows.map(({ id, ...totals }) => [id, totals]));
}
