import { Migration } from "@mikro-orm/migrations";

/** What happened to files and is still to be told as domain events. */
export class Migration021FileNote extends Migration {
  override name = "021-file-note";

  override up(): void {
    this.addSql(`
      CREATE TABLE "file_note" (
        "id" bigserial PRIMARY KEY,
        "file_id" int NOT NULL,
        "type" text NOT NULL,
        "at" timestamptz(3) NOT NULL
      );
    `);
  }
}
