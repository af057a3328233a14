import type pg from "pg";

/** A process that is frozen inside one must not keep the others from a tenant's events. */
const FROZEN_MS = 60_000;

/** Runs `work` in a transaction of its own. */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}`);
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
