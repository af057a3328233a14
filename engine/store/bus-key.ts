import { randomBytes } from "node:crypto";
import type pg from "pg";

const KEY_BYTES = 32;

/** What the processes of this database know each other's messages by; made by the first of them. */
export async function readBusKey(pool: pg.Pool): Promise<Buffer> {
  await pool.query("INSERT INTO bus_key (id, key) VALUES (1, $1::text) ON CONFLICT DO NOTHING", [
    randomBytes(KEY_BYTES).toString("base64url"),
  ]);
  const { rows } = await pool.query<{ key: string }>("SELECT key FROM bus_key WHERE id = 1");
  return Buffer.from(rows[0]!.key, "base64url");
}
