import { Migration } from "@mikro-orm/migrations";

/** Which key came from API_KEY: another value ends it. Of keys from before the name says so, and nothing better does. */
export class Migration028KeyOfEnvironment extends Migration {
  override name = "028-key-of-environment";

  override up(): void {
    this.addSql(`
      ALTER TABLE "api_key" ADD COLUMN "from_environment" boolean NOT NULL DEFAULT false;
      UPDATE "api_key" SET "from_environment" = true WHERE "tenant_id" = 'default' AND "name" = 'bootstrap';
    `);
  }
}
