import { Migration } from "@mikro-orm/migrations";

/** Outbound deliveries, inbound hooks, and the audit log. */
export class Migration004Webhook extends Migration {
  override name = "004-webhook";

  override up(): void {
    this.addSql(`
      CREATE TABLE "webhook_delivery" (
        "id" bigserial PRIMARY KEY,
        "message_id" text NOT NULL,
        "tenant_id" text NOT NULL,
        "workflow_id" int NOT NULL,
        "workflow_version" int NOT NULL,
        "execution_id" bigint NOT NULL,
        "event_type" text NOT NULL,
        "target" smallint NOT NULL,
        "url" text NOT NULL,
        "payload" json NOT NULL,
        "status" text NOT NULL,
        "attempt" int NOT NULL,
        "due_at" timestamptz(3) NULL,
        "response_status" int NULL,
        "response_excerpt" text NULL,
        "error" text NULL,
        "resent_from_id" bigint NULL,
        "created_at" timestamptz(3) NOT NULL,
        "attempted_at" timestamptz(3) NULL,
        "completed_at" timestamptz(3) NULL
      );
      CREATE INDEX "webhook_delivery_due" ON "webhook_delivery" ("due_at", "id") WHERE (due_at IS NOT NULL);
      CREATE INDEX "webhook_delivery_tenant" ON "webhook_delivery" ("tenant_id", "id" DESC);
      CREATE INDEX "webhook_delivery_tenant_status" ON "webhook_delivery" ("tenant_id", "status", "id" DESC);
      CREATE INDEX "webhook_delivery_workflow" ON "webhook_delivery" ("workflow_id", "id" DESC);
      CREATE INDEX "webhook_delivery_workflow_status" ON "webhook_delivery" ("workflow_id", "status", "id" DESC);
      CREATE INDEX "webhook_delivery_execution" ON "webhook_delivery" ("execution_id", "id" DESC);
      CREATE INDEX "webhook_delivery_completed" ON "webhook_delivery" ("completed_at")
        WHERE (completed_at IS NOT NULL);

      CREATE TABLE "hook" (
        "id" serial PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "workflow_id" int NOT NULL,
        "name" text NOT NULL,
        "token_hash" text NOT NULL,
        "token_prefix" text NOT NULL,
        "secret" text NULL,
        "replay_window_seconds" int NOT NULL,
        "enabled" boolean NOT NULL,
        "previous_token_hash" text NULL,
        "previous_secret" text NULL,
        "previous_until" timestamptz(3) NULL,
        "created_at" timestamptz(3) NOT NULL,
        "updated_at" timestamptz(3) NOT NULL
      );
      CREATE INDEX "hook_tenant" ON "hook" ("tenant_id", "id" DESC);
      CREATE INDEX "hook_workflow" ON "hook" ("workflow_id", "id" DESC);
      CREATE UNIQUE INDEX "hook_token" ON "hook" ("token_hash");
      CREATE UNIQUE INDEX "hook_previous_token" ON "hook" ("previous_token_hash")
        WHERE (previous_token_hash IS NOT NULL);

      CREATE TABLE "audit_entry" (
        "id" bigserial PRIMARY KEY,
        "tenant_id" text NULL,
        "at" timestamptz(3) NOT NULL,
        "actor" text NOT NULL,
        "action" text NOT NULL,
        "target" text NULL,
        "correlation_id" text NULL,
        "refused" text NULL,
        "before" json NULL,
        "after" json NULL
      );
      CREATE INDEX "audit_entry_tenant" ON "audit_entry" ("tenant_id", "at" DESC, "id" DESC);
      CREATE INDEX "audit_entry_actor" ON "audit_entry" ("tenant_id", "actor", "at" DESC, "id" DESC);
      CREATE INDEX "audit_entry_action" ON "audit_entry" ("tenant_id", "action", "at" DESC, "id" DESC);
      CREATE INDEX "audit_entry_target" ON "audit_entry" ("tenant_id", "target", "at" DESC, "id" DESC);
      CREATE INDEX "audit_entry_correlation" ON "audit_entry" ("tenant_id", "correlation_id", "at" DESC, "id" DESC);
      CREATE INDEX "audit_entry_refused" ON "audit_entry" ("tenant_id", "at" DESC, "id" DESC)
        WHERE (refused IS NOT NULL);
      CREATE INDEX "audit_entry_at" ON "audit_entry" ("at");

      -- Append-only. The names are those that the entity's triggers get.
      CREATE FUNCTION "audit_entry_unchanging_fn"() RETURNS trigger AS $$ begin
        RAISE EXCEPTION 'audit_entry is append-only';
      end; $$ LANGUAGE plpgsql;
      CREATE TRIGGER "unchanging" BEFORE UPDATE ON "audit_entry"
        FOR EACH ROW EXECUTE FUNCTION "audit_entry_unchanging_fn"();
      CREATE FUNCTION "audit_entry_kept_fn"() RETURNS trigger AS $$ begin
        IF current_setting('stepwire.audit_retention', true) IS DISTINCT FROM 'on' OR OLD.at > now() - interval '30 days' THEN RAISE EXCEPTION 'audit_entry is append-only'; END IF; RETURN OLD;
      end; $$ LANGUAGE plpgsql;
      CREATE TRIGGER "kept" BEFORE DELETE ON "audit_entry"
        FOR EACH ROW EXECUTE FUNCTION "audit_entry_kept_fn"();
      CREATE FUNCTION "audit_entry_whole_fn"() RETURNS trigger AS $$ begin
        RAISE EXCEPTION 'audit_entry is append-only';
      end; $$ LANGUAGE plpgsql;
      CREATE TRIGGER "whole" BEFORE TRUNCATE ON "audit_entry"
        FOR EACH STATEMENT EXECUTE FUNCTION "audit_entry_whole_fn"();
    `);
  }
}
