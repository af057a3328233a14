import type pg from "pg";
import { DomainError } from "../model/index.ts";
import type { Keyring } from "./keyring.ts";

/**
 * Notes whose key the secrets of a database are sealed with, and refuses another: a process that cannot open what others
 * seal would fail only later, one execution at a time. With the noted key among its previous ones it is a new key, and noted.
 * `isLost`: whoever runs the service has given the noted key up, and what it sealed.
 */
export async function claimKey(pool: pg.Pool, keyring: Keyring, isLost: boolean): Promise<void> {
  await pool.query("INSERT INTO secret_key (id, key_id) VALUES (1, $1::text) ON CONFLICT DO NOTHING", [keyring.id]);
  const { rows } = await pool.query<{ key_id: string }>("SELECT key_id FROM secret_key WHERE id = 1");
  const noted = rows[0]!.key_id;
  if (noted === keyring.id) return;
  if (!keyring.has(noted) && !isLost) {
    throw new DomainError(
      "INVALID_STATE",
      `SECRET_KEY is not the key that the secrets in this database are sealed with (${noted}): set that one, or add it to SECRET_KEY_PREVIOUS; if it is lost, set SECRET_KEY_PREVIOUS=lost, and what it sealed is lost`,
    );
  }
  await pool.query("UPDATE secret_key SET key_id = $1::text WHERE id = 1 AND key_id = $2::text", [keyring.id, noted]);
}
