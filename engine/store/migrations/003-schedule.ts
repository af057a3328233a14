import { Migration } from "@mikro-orm/migrations";

/** Schedules. */
export class Migration003Schedule extends Migration {
  override name = "003-schedule";

  override up(): void {
    this.addSql(`
      CREATE TABLE "schedule" (
        "id" serial PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "workflow_id" int NOT NULL,
        "name" text NOT NULL,
        "cron" text NOT NULL,
        "timezone" text NOT NULL,
        "policies" json NOT NULL,
        "is_enabled" boolean NOT NULL,
        "trigger_data" json NOT NULL,
        "source" text NOT NULL,
        "next_at" timestamptz(3) NULL,
        "last_at" timestamptz(3) NULL,
        "last_error" text NULL,
        "queued_at" timestamptz(3) NULL,
        "active_execution_ids" json NOT NULL,
        "created_at" timestamptz(3) NOT NULL,
        "updated_at" timestamptz(3) NOT NULL
      );
      CREATE INDEX "schedule_tenant" ON "schedule" ("tenant_id", "id" DESC);
      CREATE INDEX "schedule_workflow" ON "schedule" ("workflow_id", "id" DESC);
      CREATE INDEX "schedule_due" ON "schedule" ("next_at", "id") WHERE (next_at IS NOT NULL);
      CREATE INDEX "schedule_queued" ON "schedule" ("id") WHERE (queued_at IS NOT NULL);
      CREATE UNIQUE INDEX "schedule_of_workflow" ON "schedule" ("workflow_id") WHERE (source = 'workflow'::text);
    `);
  }
}
