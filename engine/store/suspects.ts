import type pg from "pg";
import type { EventType } from "../model/index.ts";

/** Named SQL of what was in hand when a process ended. */

export interface Suspect {
  readonly id: number;
  /** Ends of a process at which it was in hand, in a row and without progress. */
  readonly ends: number;
  /** At the last of these nothing else was in hand. */
  readonly wasAlone: boolean;
}

/** Events that tell of a beginning, which may be followed by the same end again. All others are progress. */
export const beginnings: readonly EventType[] = [
  "execution.created",
  "execution.started",
  "execution.woken",
  "execution.compensating",
  "step.started",
];

/** Of what waits: as much as is due at once. */
const MAX_DUE = 10_000;

/**
 * A new life of the worker begins. When the last one ended without having said so, whatever was in hand is suspected: those
 * with two ends and more are returned, those on trial at the last one first.
 *
 * In hand was what has not ended and does not wait, or was about to be woken; and of those suspected before, whatever was
 * claimed since: its epoch has grown. Nothing of this is written while a process runs.
 */
export async function beginLife(pool: pg.Pool, now: number): Promise<{ life: number; suspects: Suspect[] }> {
  const { rows } = await pool.query<{ life: number; was_over: boolean }>({
    name: "life-begin",
    text: `WITH last AS (SELECT id, is_over FROM worker_life FOR UPDATE)
           UPDATE worker_life AS w SET life = w.life + 1, is_over = false FROM last WHERE w.id = last.id
           RETURNING w.life, last.is_over AS was_over`,
  });
  const { life, was_over: wasOver } = rows[0]!;
  return { life, suspects: wasOver ? [] : await accuse(pool, now) };
}

/** Plans: "execution_unfinished", "execution_wake", "execution_event_pkey". */
async function accuse(pool: pg.Pool, now: number): Promise<Suspect[]> {
  await pool.query({
    name: "suspects-accuse",
    text: `WITH held AS (
             SELECT id, epoch FROM execution WHERE status IN ('pending', 'running', 'compensating') AND epoch > 0
             UNION
             (SELECT id, epoch FROM execution
              WHERE wake_at <= $1::timestamptz AND status = 'waiting' AND epoch > 0 ORDER BY wake_at, id LIMIT $3::int)
             UNION
             SELECT id, epoch FROM execution WHERE status = 'waiting' AND epoch > 0
               AND id IN (SELECT execution_id FROM execution_signal ORDER BY id LIMIT $3::int)
           ), seen AS (
             SELECT h.id, h.epoch, coalesce((
               SELECT v.seq FROM execution_event AS v WHERE v.execution_id = h.id AND v.type <> ALL ($2::text[])
               ORDER BY v.seq DESC LIMIT 1), 0) AS seq
             FROM held AS h
           ), cleared AS (
             DELETE FROM suspect AS s WHERE NOT EXISTS (SELECT FROM seen WHERE seen.id = s.execution_id)
           )
           INSERT INTO suspect AS s (execution_id, seq, epoch, ends, accused, on_trial)
           SELECT id, seq, epoch, 1, false, false FROM seen
           ON CONFLICT (execution_id) DO UPDATE SET
             ends = CASE WHEN s.seq <> excluded.seq THEN 1 WHEN s.epoch < excluded.epoch THEN s.ends + 1 ELSE s.ends END,
             accused = s.seq = excluded.seq AND s.epoch < excluded.epoch,
             seq = excluded.seq,
             epoch = excluded.epoch`,
    values: [new Date(now), beginnings, MAX_DUE],
  });
  const { rows } = await pool.query<Suspect>({
    name: "suspects",
    text: `SELECT execution_id AS id, ends, accused AND on_trial AND (SELECT count(*) FROM suspect WHERE on_trial) = 1 AS "wasAlone"
           FROM suspect WHERE ends > 1 ORDER BY (accused AND on_trial) DESC, ends DESC, execution_id`,
  });
  return rows;
}

/** From now on these alone are in hand; none: whatever wants to be. Plan: "suspect_pkey". */
export async function putOnTrial(pool: pg.Pool, ids: readonly number[]): Promise<void> {
  await pool.query({
    name: "suspects-try",
    text: `UPDATE suspect SET on_trial = execution_id = ANY ($1::bigint[])
           WHERE on_trial OR execution_id = ANY ($1::bigint[])`,
    values: [ids],
  });
}

/** The process ends as it should, with nothing in hand. */
export async function endLife(pool: pg.Pool, life: number): Promise<void> {
  await pool.query({
    name: "life-end",
    text: "UPDATE worker_life SET is_over = true WHERE life = $1::int",
    values: [life],
  });
}
