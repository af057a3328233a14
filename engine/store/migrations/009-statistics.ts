import { Migration } from "@mikro-orm/migrations";

/** Sums over a stretch of hours, of one tenant or of all. */
export class Migration009Statistics extends Migration {
  override name = "009-statistics";

  override up(): void {
    this.addSql(`
      CREATE INDEX "execution_count_tenant" ON "execution_count" ("tenant_id", "hour");
      CREATE INDEX "execution_count_hour" ON "execution_count" ("hour");
    `);
  }
}
