import { Migration } from "@mikro-orm/migrations";

/** The engine's first tables. Numbered and append-only: never edit a migration that has landed. */
export class Migration001Engine extends Migration {
  override name = "001-engine";

  override up(): void {
    this.addSql(`
      CREATE TABLE "api_key" (
        "id" serial PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "name" text NOT NULL,
        "hash" text NOT NULL,
        "prefix" text NOT NULL,
        "scopes" text[] NOT NULL,
        "created_at" timestamptz(3) NOT NULL,
        "expires_at" timestamptz(3) NULL,
        "revoked_at" timestamptz(3) NULL,
        "last_used_at" timestamptz(3) NULL
      );
      CREATE INDEX "api_key_tenant" ON "api_key" ("tenant_id", "id" DESC);
      CREATE UNIQUE INDEX "api_key_hash" ON "api_key" ("hash");

      CREATE TABLE "execution" (
        "id" bigint NOT NULL,
        "tenant_id" text NOT NULL,
        "workflow_id" int NOT NULL,
        "workflow_version" int NOT NULL,
        "status" text NOT NULL,
        "compensation_status" text NOT NULL,
        "outcome" text NULL,
        "trigger_type" text NOT NULL,
        "trigger_data" json NOT NULL,
        "correlation_id" text NULL,
        "idempotency_key" text NULL,
        "request_hash" text NULL,
        "parent_id" bigint NULL,
        "parent_step_id" bigint NULL,
        "forked_from_id" bigint NULL,
        "depth" smallint NOT NULL,
        "epoch" int NOT NULL,
        "last_seq" int NOT NULL,
        "wake_at" timestamptz(3) NULL,
        "deadline_at" timestamptz(3) NULL,
        "paused_at" timestamptz(3) NULL,
        "error" json NULL,
        "created_at" timestamptz(3) NOT NULL,
        "started_at" timestamptz(3) NULL,
        "completed_at" timestamptz(3) NULL,
        PRIMARY KEY ("id")
      );
      CREATE INDEX "execution_tenant" ON "execution" ("tenant_id", "id" DESC);
      CREATE INDEX "execution_tenant_status" ON "execution" ("tenant_id", "status", "id" DESC);
      CREATE INDEX "execution_workflow" ON "execution" ("workflow_id", "id" DESC);
      CREATE INDEX "execution_workflow_status" ON "execution" ("workflow_id", "status", "id" DESC);
      CREATE INDEX "execution_correlation" ON "execution" ("correlation_id", "id" DESC)
        WHERE (correlation_id IS NOT NULL);
      CREATE INDEX "execution_parent" ON "execution" ("parent_id") WHERE (parent_id IS NOT NULL);
      CREATE INDEX "execution_unfinished" ON "execution" ("id")
        WHERE (status = ANY (ARRAY['pending'::text, 'running'::text, 'compensating'::text]));
      CREATE INDEX "execution_wake" ON "execution" ("wake_at", "id") WHERE (wake_at IS NOT NULL);
      CREATE UNIQUE INDEX "execution_idempotency" ON "execution" ("workflow_id", "idempotency_key")
        WHERE (idempotency_key IS NOT NULL);

      CREATE TABLE "execution_count" (
        "workflow_id" int NOT NULL,
        "hour" timestamptz(0) NOT NULL,
        "lane" int NOT NULL,
        "tenant_id" text NOT NULL,
        "started" int NOT NULL,
        "completed" int NOT NULL,
        "failed" int NOT NULL,
        "timed_out" int NOT NULL,
        "cancelled" int NOT NULL,
        "last_started_at" timestamptz(3) NULL,
        PRIMARY KEY ("workflow_id", "hour", "lane")
      );

      CREATE TABLE "execution_event" (
        "execution_id" bigint NOT NULL,
        "seq" int NOT NULL,
        "type" text NOT NULL,
        "step_id" bigint NULL,
        "data" json NOT NULL,
        "at" timestamptz(3) NOT NULL,
        PRIMARY KEY ("execution_id", "seq")
      );

      CREATE TABLE "execution_signal" (
        "id" bigserial PRIMARY KEY,
        "execution_id" bigint NOT NULL,
        "data" json NOT NULL,
        "created_at" timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX "execution_signal_execution" ON "execution_signal" ("execution_id", "id");

      CREATE TABLE "execution_step" (
        "id" bigint NOT NULL,
        "execution_id" bigint NOT NULL,
        "step_order" int NOT NULL,
        "name" text NOT NULL,
        "type" text NOT NULL,
        "role" text NOT NULL,
        "parent_id" bigint NULL,
        "compensates_id" bigint NULL,
        "definition_index" smallint NOT NULL,
        "item_index" int NULL,
        "branch_path" text NOT NULL,
        "status" text NOT NULL,
        "attempt" int NOT NULL,
        "input" json NULL,
        "output" json NULL,
        "error" json NULL,
        "wake_at" timestamptz(3) NULL,
        "wait" json NULL,
        "wait_key" text NULL,
        "started_at" timestamptz(3) NULL,
        "completed_at" timestamptz(3) NULL,
        "settled_seq" int NULL,
        PRIMARY KEY ("id")
      );
      CREATE INDEX "execution_step_execution" ON "execution_step" ("execution_id", "id");
      CREATE INDEX "execution_step_wait" ON "execution_step" ("wait_key", "id")
        WHERE ((status = 'waiting'::text) AND (wait_key IS NOT NULL));

      CREATE TABLE "file" (
        "id" serial PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "filename" text NOT NULL,
        "original_filename" text NOT NULL,
        "mime_type" text NOT NULL,
        "extension" text NOT NULL,
        "size" bigint NOT NULL,
        "sha256" text NOT NULL,
        "storage_key" text NOT NULL,
        "status" text NOT NULL,
        "extracted_content" text NULL,
        "metadata" json NULL,
        "idempotency_key" text NULL,
        "created_at" timestamptz(3) NOT NULL,
        "updated_at" timestamptz(3) NOT NULL,
        "processed_at" timestamptz(3) NULL
      );
      CREATE INDEX "file_tenant" ON "file" ("tenant_id", "id" DESC);
      CREATE INDEX "file_storage_key" ON "file" ("storage_key");
      CREATE UNIQUE INDEX "file_idempotency" ON "file" ("tenant_id", "idempotency_key")
        WHERE (idempotency_key IS NOT NULL);

      CREATE TABLE "workflow" (
        "id" serial PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "name" text NOT NULL,
        "description" text NULL,
        "status" text NOT NULL,
        "is_enabled" boolean NOT NULL,
        "version" int NOT NULL,
        "trigger_config" json NULL,
        "cron_schedule" text NULL,
        "is_scheduled" boolean NOT NULL,
        "trigger_on_file_upload" boolean NOT NULL,
        "trigger_file_extensions" text NULL,
        "created_at" timestamptz(3) NOT NULL,
        "updated_at" timestamptz(3) NOT NULL
      );
      CREATE INDEX "workflow_tenant_id" ON "workflow" ("tenant_id", "id" DESC);
      CREATE UNIQUE INDEX "workflow_tenant_name" ON "workflow" ("tenant_id", "name")
        WHERE (status <> 'deleted'::text);

      CREATE TABLE "workflow_version" (
        "workflow_id" int NOT NULL,
        "version" int NOT NULL,
        "definition" json NOT NULL,
        "timeout_seconds" int NOT NULL,
        "max_retries" int NOT NULL,
        "created_at" timestamptz(3) NOT NULL,
        PRIMARY KEY ("workflow_id", "version")
      );

      -- Rows of these are updated while they run: room on the page keeps such updates off the indexes.
      ALTER TABLE "execution" SET (fillfactor = 85);
      ALTER TABLE "execution_step" SET (fillfactor = 85);

      -- Handed out in blocks, so that a run knows its ids before its first commit.
      CREATE SEQUENCE "execution_id" INCREMENT BY 32;
      CREATE SEQUENCE "execution_step_id" INCREMENT BY 128;
    `);
  }
}
