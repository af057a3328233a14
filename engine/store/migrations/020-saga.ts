import { Migration } from "@mikro-orm/migrations";

/** Saga types, domain events, and the notes by which what follows the journal finds its news. */
export class Migration020Saga extends Migration {
  override name = "020-saga";

  override up(): void {
    this.addSql(`
      CREATE TABLE "saga_type" (
        "workflow_id" int PRIMARY KEY,
        "tenant_id" text NOT NULL,
        "name" text NOT NULL,
        "description" text NULL,
        "version" int NOT NULL,
        "document" json NOT NULL,
        "trigger_event" text NULL,
        "created_at" timestamptz(3) NOT NULL,
        "updated_at" timestamptz(3) NOT NULL
      );
      CREATE UNIQUE INDEX "saga_type_tenant_name" ON "saga_type" ("tenant_id", "name");

      CREATE TABLE "domain_event" (
        "tenant_id" text NOT NULL,
        "position" bigint NOT NULL,
        "id" uuid NOT NULL,
        "type" text NOT NULL,
        "aggregate_type" text NOT NULL,
        "aggregate_id" text NOT NULL,
        "stream" text NOT NULL,
        "version" int NOT NULL,
        "data" json NOT NULL,
        "metadata" json NOT NULL,
        "correlation_id" text NULL,
        "causation_id" text NULL,
        "at" timestamptz(3) NOT NULL,
        PRIMARY KEY ("tenant_id", "position")
      );
      CREATE UNIQUE INDEX "domain_event_stream" ON "domain_event" ("tenant_id", "stream", "version");

      CREATE TABLE "domain_event_type" (
        "tenant_id" text NOT NULL,
        "type" text NOT NULL,
        "aggregate_type" text NOT NULL,
        PRIMARY KEY ("tenant_id", "type", "aggregate_type")
      );

      CREATE TABLE "domain_event_counter" (
        "tenant_id" text PRIMARY KEY,
        "position" bigint NOT NULL
      );

      CREATE TABLE "domain_event_cursor" (
        "consumer" text NOT NULL,
        "tenant_id" text NOT NULL,
        "position" bigint NOT NULL,
        PRIMARY KEY ("consumer", "tenant_id")
      );

      CREATE TABLE "journal_note" (
        "id" bigserial PRIMARY KEY,
        "execution_ids" bigint[] NOT NULL,
        "previous_seqs" int[] NOT NULL,
        "last_seqs" int[] NOT NULL
      );

      -- Who is started by events.
      CREATE INDEX "workflow_event_trigger" ON "workflow" ("tenant_id")
        WHERE ((trigger_config ->> 'type'::text) = 'event'::text);
    `);
  }
}
