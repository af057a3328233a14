import { Migration } from "@mikro-orm/migrations";

/** How long executions are kept, and which are held beyond that. */
export class Migration035Retention extends Migration {
  override name = "035-retention";

  override up(): void {
    this.addSql(`
      ALTER TABLE "workflow" ADD COLUMN "retention_days" int NULL;

      CREATE TABLE "execution_hold" (
        "execution_id" bigint PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "reason" text NOT NULL,
        "held_at" timestamptz(3) NOT NULL
      );
    `);
  }
}
