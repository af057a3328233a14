import { Migration } from "@mikro-orm/migrations";

/** What each migration was when it ran. Null: it ran before this one, and nobody has noted it yet. */
export class Migration034MigrationChecksum extends Migration {
  override name = "034-migration-checksum";

  override up(): void {
    this.addSql(`ALTER TABLE "migration" ADD COLUMN "checksum" text NULL;`);
  }
}
