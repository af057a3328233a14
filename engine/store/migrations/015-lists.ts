import { Migration } from "@mikro-orm/migrations";

/** Workflows and files by status; and deleted ones are no longer walked past by the lists that leave them out. */
export class Migration015Lists extends Migration {
  override name = "015-lists";

  override up(): void {
    this.addSql(`
      DROP INDEX "workflow_tenant_id";
      CREATE INDEX "workflow_tenant_id" ON "workflow" ("tenant_id", "id" DESC) WHERE (status <> 'deleted'::text);
      CREATE INDEX "workflow_tenant_status" ON "workflow" ("tenant_id", "status", "id" DESC);

      DROP INDEX "file_tenant";
      CREATE INDEX "file_tenant" ON "file" ("tenant_id", "id" DESC) WHERE (status <> 'deleted'::text);
      CREATE INDEX "file_tenant_status" ON "file" ("tenant_id", "status", "id" DESC);
    `);
  }
}
