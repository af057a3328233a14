import type pg from "pg";
import type { SignalData } from "../model/index.ts";

/** A command as it was sent: what it causes is an event after `lastSeq` that names the signal. */
export interface SentCommand {
  readonly signalId: number;
  readonly lastSeq: number;
}

/** `waiting`: nobody has looked at it yet, or it is kept. `refused`: it came too late, and has done nothing. */
export type CommandFate = "waiting" | "acted" | "refused";

/** Null: the execution was removed. The lock on its row keeps that from happening meanwhile. Plan: "execution_pkey". */
export async function sendCommand(pool: pg.Pool, executionId: number, data: SignalData): Promise<number | null> {
  const { rows } = await pool.query<{ id: number }>({
    name: "send-command",
    text: `INSERT INTO execution_signal (execution_id, data)
           SELECT id, $2::json FROM execution WHERE id = $1::bigint FOR KEY SHARE RETURNING id`,
    values: [executionId, JSON.stringify(data)],
  });
  return rows[0]?.id ?? null;
}

/** Sends the signal only if nobody has used the key yet; null: somebody has, or the execution was removed. */
export async function sendCommandOnce(
  pool: pg.Pool,
  executionId: number,
  data: SignalData,
  once: { readonly key: string; readonly hash: string; readonly lastSeq: number },
): Promise<number | null> {
  const { rows } = await pool.query<{ id: number }>({
    name: "send-command-once",
    text: `WITH command AS (
             INSERT INTO execution_command (execution_id, idempotency_key, request_hash, signal_id, last_seq)
             SELECT id, $3::text, $4::text, nextval('execution_signal_id_seq'), $5::int
             FROM execution WHERE id = $1::bigint FOR KEY SHARE
             ON CONFLICT DO NOTHING RETURNING signal_id
           )
           INSERT INTO execution_signal (id, execution_id, data) SELECT signal_id, $1::bigint, $2::json FROM command
           RETURNING id`,
    values: [executionId, JSON.stringify(data), once.key, once.hash, once.lastSeq],
  });
  return rows[0]?.id ?? null;
}

/** Plan: "execution_command_pkey". */
export async function commandByKey(
  pool: pg.Pool,
  executionId: number,
  key: string,
): Promise<(SentCommand & { readonly hash: string }) | null> {
  const { rows } = await pool.query<{ signal_id: number; last_seq: number; request_hash: string }>({
    name: "command-by-key",
    text: `SELECT signal_id, last_seq, request_hash FROM execution_command
           WHERE execution_id = $1::bigint AND idempotency_key = $2::text`,
    values: [executionId, key],
  });
  const row = rows[0];
  return row ? { signalId: row.signal_id, lastSeq: row.last_seq, hash: row.request_hash } : null;
}

/**
 * A signal is taken in the commit that acts on it. The event's text is looked at, not into: data that holds NUL cannot be
 * taken apart, and `signal_id` is always its last member. Plans: "execution_signal_pkey", "execution_event_pkey".
 */
export async function commandFate(pool: pg.Pool, executionId: number, sent: SentCommand): Promise<CommandFate> {
  const { rows } = await pool.query<{ waits: boolean; acted: boolean }>({
    name: "command-fate",
    text: `SELECT EXISTS (SELECT FROM execution_signal WHERE id = $2::bigint) AS waits,
                  EXISTS (SELECT FROM execution_event WHERE execution_id = $1::bigint AND seq > $3::int
                            AND right(data::text, length($4::text)) = $4::text) AS acted`,
    values: [executionId, sent.signalId, sent.lastSeq, `"signal_id":${sent.signalId}}`],
  });
  const { waits, acted } = rows[0]!;
  if (acted) return "acted";
  return waits ? "waiting" : "refused";
}
