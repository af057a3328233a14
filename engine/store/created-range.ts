import type pg from "pg";
import { ID_LIFETIME_MS } from "./ids.ts";

/**
 * Ids are handed out in order, so those of a stretch of time lie together: lists stay in order of id, which the indexes
 * have, and begin where the time does. No index on the time is needed, which every start would pay for.
 */
export interface CreatedRange {
  /** Created then or later. */
  readonly since: Date | "-infinity";
  /** Created before then. */
  readonly until: Date | "infinity";
  /** Every id of the range lies strictly between. */
  readonly above: number;
  readonly below: number;
}

/** In ms since the epoch. Default: no bound. */
export interface Times {
  readonly since: number | undefined;
  readonly until: number | undefined;
}

export const anyTime: CreatedRange = {
  since: "-infinity",
  until: "infinity",
  above: 0,
  below: Number.MAX_SAFE_INTEGER,
};

/** How far the clocks of two machines may differ. */
const CLOCK_SKEW_MS = 30_000;
/** Of two executions the one with the greater id was created at most so much earlier. */
const DISORDER_MS = ID_LIFETIME_MS + CLOCK_SKEW_MS;

export async function createdRange(pool: pg.Pool, { since, until }: Times): Promise<CreatedRange> {
  if (since === undefined && until === undefined) return anyTime;
  const [first, last] = await Promise.all([
    since === undefined ? undefined : idsAround(pool, since - DISORDER_MS),
    until === undefined ? undefined : idsAround(pool, until + DISORDER_MS),
  ]);
  return {
    since: since === undefined ? anyTime.since : new Date(since),
    until: until === undefined ? anyTime.until : new Date(until),
    above: first?.earlier ?? anyTime.above,
    below: last?.later ?? anyTime.below,
  };
}

/**
 * The id of an execution that was created before the moment, or 0; and one from which on all were created then or later,
 * give or take the disorder, or null when that is to come. Halves the ids until the two meet, so that some thirty rows
 * are read. Plan: "execution_pkey".
 */
async function idsAround(pool: pg.Pool, ms: number): Promise<{ earlier: number; later: number | null }> {
  const { rows } = await pool.query<{ earlier: number; later: number; last: number }>({
    name: "ids-around",
    text: `WITH RECURSIVE split (earlier, later, last) AS (
             SELECT 0::bigint, coalesce(max(id), 0) + 1, coalesce(max(id), 0) FROM execution
             UNION ALL
             SELECT CASE WHEN is_earlier THEN found.id ELSE earlier END,
                    CASE WHEN is_earlier THEN later ELSE middle END, last
             FROM (SELECT *, (earlier + later) / 2 AS middle FROM split WHERE later - earlier > 1) AS halves
             CROSS JOIN LATERAL (SELECT id, created_at FROM execution WHERE id >= middle ORDER BY id LIMIT 1) AS found
             CROSS JOIN LATERAL (SELECT found.id < later AND created_at < $1::timestamptz AS is_earlier) AS compared
           )
           SELECT earlier, later, last FROM split ORDER BY later - earlier LIMIT 1`,
    values: [new Date(ms)],
  });
  const { earlier, later, last } = rows[0]!;
  return { earlier, later: later > last ? null : later };
}
