import type pg from "pg";
import type { ExecutionStatus } from "../model/index.ts";
import { transaction } from "./connection.ts";
import type { Queries } from "./room-database.ts";

/**
 * A family is an execution and its children, theirs included. It is removed as one, so that no parent is left with a child that is gone.
 * Whoever removes one locks its rows first, and passes over those that somebody else has locked: it never waits, so nobody waits for it in
 * a circle. A row that is locked is neither claimed nor written nor held meanwhile, and gets no signals.
 */

/**
 * Of these executions, each at the head of its family. Plans: "execution_pkey", then "execution_parent" for each member. OFFSET keeps the
 * planner to that: it takes a family for a hundred times as large as it is, and would walk the table.
 */
const family = `WITH RECURSIVE family (head, id, depth, last_seq) AS (
             SELECT id, id, depth, last_seq FROM execution WHERE id = ANY($1::bigint[])
             UNION ALL
             SELECT f.head, e.id, e.depth, e.last_seq FROM family AS f
             CROSS JOIN LATERAL (SELECT id, depth, last_seq FROM execution WHERE parent_id = f.id OFFSET 0) AS e
           )`;

export interface FamilyMember {
  readonly head: number;
  readonly id: number;
  readonly parentId: number | null;
  readonly status: ExecutionStatus;
  readonly completedAt: Date | null;
}

export interface FamilyStanding {
  readonly head: number;
  readonly members: number;
  readonly isHeld: boolean;
  /** Somebody has asked one of them something, and it has not acted on it. */
  readonly isAsked: boolean;
  /** A webhook is still to be delivered. */
  readonly isUnsent: boolean;
}

/** For statements on families, which Postgres would compile for what it believes them to cost: ten times what they take. */
export function familyTransaction<T>(
  pool: pg.Pool,
  work: (tx: Queries) => Promise<T>,
  statementMs?: number,
): Promise<T> {
  return transaction(
    pool,
    async (tx) => {
      await tx.query("SET LOCAL jit = off");
      return work(tx);
    },
    statementMs,
  );
}

/** By its head: rows of events and of executions, which tell how long it takes to remove it. */
export async function weighFamilies(tx: Queries, heads: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await tx.query<{ head: number; weight: number }>({
    name: "weigh-families",
    text: `${family}
           SELECT head, sum(1 + last_seq)::int AS weight FROM family GROUP BY head`,
    values: [heads],
  });
  return new Map(rows.map(({ head, weight }) => [head, weight]));
}

/** Ids of one family, each parent before its children. */
export async function readFamily(pool: pg.Pool, head: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "read-family",
    text: `${family} SELECT id FROM family ORDER BY depth, id`,
    values: [[head]],
  });
  return rows.map(({ id }) => id);
}

/** Locks what nobody else has. */
export async function lockFamilies(tx: Queries, heads: readonly number[]): Promise<FamilyMember[]> {
  const { rows } = await tx.query<FamilyMember>({
    name: "lock-families",
    text: `${family}
           SELECT f.head, e.* FROM family AS f CROSS JOIN LATERAL (
             SELECT id, parent_id AS "parentId", status, completed_at AS "completedAt" FROM execution
             WHERE id = f.id FOR UPDATE SKIP LOCKED
           ) AS e`,
    values: [heads],
  });
  return rows;
}

/** Read after the lock: members that are fewer than these were locked by others, or came up meanwhile. */
export async function standingOfFamilies(tx: Queries, heads: readonly number[]): Promise<FamilyStanding[]> {
  const { rows } = await tx.query<FamilyStanding>({
    name: "standing-of-families",
    text: `${family}
           SELECT head, count(*)::int AS members,
             bool_or(EXISTS (SELECT FROM execution_hold AS h WHERE h.execution_id = f.id)) AS "isHeld",
             bool_or(EXISTS (SELECT FROM execution_signal AS s WHERE s.execution_id = f.id)) AS "isAsked",
             bool_or(EXISTS (SELECT FROM webhook_delivery AS d
               WHERE d.execution_id = f.id AND d.due_at IS NOT NULL)) AS "isUnsent"
           FROM family AS f GROUP BY head`,
    values: [heads],
  });
  return rows;
}

/** Those of whom the journal has left a note, which tells whoever follows it. Reads all notes: there are few, unless nobody does. */
export async function notedAmong(tx: Queries, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await tx.query<{ id: number }>({
    name: "noted-among",
    text: `SELECT DISTINCT noted.id FROM journal_note AS n CROSS JOIN LATERAL unnest(n.execution_ids) AS noted (id)
           WHERE n.execution_ids && $1::bigint[] AND noted.id = ANY($1::bigint[])`,
    values: [ids],
  });
  return new Set(rows.map(({ id }) => id));
}

/**
 * The rows of executions, and all that is theirs. What others go by stays: domain events, files, audit entries, counts.
 * Plans: "execution_step_execution", "execution_event_pkey", "execution_signal_execution", "webhook_delivery_execution", keys.
 */
export async function removeExecutions(tx: Queries, ids: readonly number[]): Promise<void> {
  await tx.query({
    name: "remove-executions",
    text: `WITH steps AS (DELETE FROM execution_step WHERE execution_id = ANY($1::bigint[])),
                events AS (DELETE FROM execution_event WHERE execution_id = ANY($1::bigint[])),
                signals AS (DELETE FROM execution_signal WHERE execution_id = ANY($1::bigint[])),
                commands AS (DELETE FROM execution_command WHERE execution_id = ANY($1::bigint[])),
                deliveries AS (DELETE FROM webhook_delivery WHERE execution_id = ANY($1::bigint[])),
                counts AS (DELETE FROM execution_tree WHERE root_id = ANY($1::bigint[])),
                suspects AS (DELETE FROM suspect WHERE execution_id = ANY($1::bigint[]))
           DELETE FROM execution WHERE id = ANY($1::bigint[])`,
    values: [ids],
  });
}
