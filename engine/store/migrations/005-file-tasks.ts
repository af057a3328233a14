import { Migration } from "@mikro-orm/migrations";

/** What is still to be done with files, how much each tenant stores, and the workflows that uploads start. */
export class Migration005FileTasks extends Migration {
  override name = "005-file-tasks";

  override up(): void {
    this.addSql(`
      CREATE TABLE "file_task" (
        "id" bigserial PRIMARY KEY,
        "file_id" int NOT NULL,
        "tenant_id" text NOT NULL,
        "extract" boolean NOT NULL,
        "triggers" boolean NOT NULL,
        "due_at" timestamptz(3) NOT NULL
      );
      CREATE INDEX "file_task_due" ON "file_task" ("due_at", "id");

      CREATE TABLE "file_usage" (
        "tenant_id" text PRIMARY KEY,
        "bytes" bigint NOT NULL
      );
      INSERT INTO "file_usage" SELECT "tenant_id", sum("size") FROM "file" WHERE "status" <> 'deleted' GROUP BY "tenant_id";

      CREATE INDEX "workflow_on_upload" ON "workflow" ("tenant_id", "id") WHERE (trigger_on_file_upload);
    `);
  }
}
