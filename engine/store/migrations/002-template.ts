import { Migration } from "@mikro-orm/migrations";

/** Templates, and which template a workflow was made from. */
export class Migration002Template extends Migration {
  override name = "002-template";

  override up(): void {
    this.addSql(`
      CREATE TABLE "template" (
        "id" serial PRIMARY KEY,
        "tenant_id" text NULL,
        "name" text NOT NULL,
        "description" text NULL,
        "category" text NULL,
        "definition" json NOT NULL,
        "default_trigger_config" json NULL,
        "default_cron_schedule" text NULL,
        "is_public" boolean NOT NULL,
        "tags" text[] NOT NULL,
        "version" text NOT NULL,
        "usage_count" int NOT NULL,
        "last_used_at" timestamptz(3) NULL,
        "created_at" timestamptz(3) NOT NULL,
        "updated_at" timestamptz(3) NOT NULL,
        -- The default parser would keep "api.example.com" as one word: a search for "example" would miss it.
        "search" tsvector GENERATED ALWAYS AS (
          to_tsvector('simple', regexp_replace(name || ' ' || coalesce(description, ''), '[^[:alnum:]]+', ' ', 'g'))
        ) STORED
      );
      CREATE INDEX "template_public" ON "template" ("id" DESC) WHERE is_public;
      CREATE INDEX "template_public_category" ON "template" ("category", "id" DESC) WHERE is_public;
      CREATE INDEX "template_private" ON "template" ("tenant_id", "id" DESC) WHERE (NOT is_public);
      CREATE INDEX "template_private_category" ON "template" ("tenant_id", "category", "id" DESC)
        WHERE (NOT is_public);
      CREATE INDEX "template_search" ON "template" USING gin ("search");
      CREATE INDEX "template_tags" ON "template" USING gin ("tags");
      CREATE UNIQUE INDEX "template_tenant_name" ON "template" ("tenant_id", "name");

      -- 1 to 100 are kept for built-in templates.
      ALTER SEQUENCE "template_id_seq" RESTART WITH 101;

      ALTER TABLE "workflow" ADD COLUMN "template_id" int NULL;
      CREATE INDEX "workflow_template" ON "workflow" ("template_id", "tenant_id") WHERE (template_id IS NOT NULL);
    `);
  }
}
