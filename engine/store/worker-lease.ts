import type pg from "pg";

/** Named SQL of the worker's lock. All of it runs on the session that holds, or asks for, the lock. */

/** One worker of a database holds this. The number is arbitrary, and ours. */
const WORKER_LOCK = 7_306_200_602n;

export interface Lease {
  readonly epoch: number;
  readonly holder: string | null;
}

export async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1::bigint) AS held", [
    WORKER_LOCK,
  ]);
  return rows[0]!.held;
}

/** Postgres ends the session, and with it the lock, when it hears nothing for so long. Before version 14 it waits for TCP. */
export async function endWhenQuiet(client: pg.Client, ms: number): Promise<void> {
  await client.query(`SET idle_session_timeout = ${ms}`).catch(() => {});
}

export async function readLease(client: pg.Client): Promise<Lease> {
  const { rows } = await client.query<Lease>("SELECT epoch, holder FROM worker_lease WHERE id = 1");
  return rows[0]!;
}

/** Under the lock: from now on it is this one's; the new epoch. */
export async function writeLease(client: pg.Client, holder: string): Promise<number> {
  const { rows } = await client.query<{ epoch: number }>(
    "UPDATE worker_lease SET epoch = epoch + 1, holder = $1::text WHERE id = 1 RETURNING epoch",
    [holder],
  );
  return rows[0]!.epoch;
}

/** Whoever comes next need not wait: nothing of this holder is at work any more. */
export async function clearLease(client: pg.Client, epoch: number): Promise<void> {
  await client.query("UPDATE worker_lease SET holder = NULL WHERE id = 1 AND epoch = $1::int", [epoch]);
}
