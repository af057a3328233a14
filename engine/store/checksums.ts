import { hash } from "node:crypto";
import type { Migration } from "@mikro-orm/migrations";
import type pg from "pg";
import { DomainError } from "../model/index.ts";
import { migrations } from "./migrations/index.ts";

/** Of its statements: comments may be put right. */
export function checksumOf(MigrationClass: new (driver: never, config: never) => Migration): string {
  // Ours say what they do without a look at the database.
  const migration = new MigrationClass(undefined as never, undefined as never);
  migration.up();
  return hash("sha256", migration.getQueries().join("\n"), "hex");
}

/** Of the migrations that have run, by name; null: of one that ran before checksums were noted. */
export async function readChecksums(connection: pg.Client): Promise<ReadonlyMap<string, string | null>> {
  // As JSON the row has a checksum also before the column is there: none.
  const { rows } = await connection.query<{ name: string; checksum: string | null }>(
    `SELECT name, to_jsonb(migration) ->> 'checksum' AS checksum FROM migration`,
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

/** @throws DomainError INVALID_STATE: one that has run is another now, and this database is not what the code takes it for. */
export function refuseEdited(noted: ReadonlyMap<string, string | null>): void {
  for (const { name, class: MigrationClass } of migrations) {
    const checksum = noted.get(name);
    if (typeof checksum !== "string" || checksum === checksumOf(MigrationClass)) continue;
    const message = `Migration ${name} is not the one that this database has run: start a release in which it is as it was, and change the database by a new one`;
    throw new DomainError("INVALID_STATE", message);
  }
}

/** Notes what has none yet. */
export async function noteChecksums(connection: pg.Client): Promise<void> {
  await connection.query(
    `UPDATE migration
        SET checksum = known.checksum
       FROM unnest($1::text[], $2::text[]) AS known (name, checksum)
      WHERE migration.name = known.name AND migration.checksum IS NULL`,
    [migrations.map(({ name }) => name), migrations.map(({ class: MigrationClass }) => checksumOf(MigrationClass))],
  );
}
