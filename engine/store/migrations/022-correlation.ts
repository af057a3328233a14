import { Migration } from "@mikro-orm/migrations";

/** A tenant's executions by correlation id: another tenant may use the same, and is no longer walked past. */
export class Migration022Correlation extends Migration {
  override name = "022-correlation";

  override up(): void {
    this.addSql(`
      DROP INDEX "execution_correlation";
      CREATE INDEX "execution_correlation" ON "execution" ("tenant_id", "correlation_id", "id" DESC)
        WHERE (correlation_id IS NOT NULL);
    `);
  }
}
