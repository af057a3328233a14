import { Migration } from "@mikro-orm/migrations";

/** Secret values are kept encrypted, beside what is shown of them. */
export class Migration027Sealed extends Migration {
  override name = "027-sealed";

  override up(): void {
    this.addSql(`
      ALTER TABLE "execution" ADD COLUMN "sealed" text NULL;
      ALTER TABLE "execution_step" ADD COLUMN "sealed" text NULL;
      ALTER TABLE "execution_event" ADD COLUMN "sealed" text NULL;
      CREATE TABLE "secret_key" ("id" smallint NOT NULL PRIMARY KEY, "key_id" text NOT NULL);
    `);
  }
}
