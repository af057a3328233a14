import { Migration } from "@mikro-orm/migrations";

/** What the processes of this database know each other's messages by. */
export class Migration031BusKey extends Migration {
  override name = "031-bus-key";

  override up(): void {
    this.addSql(`
      CREATE TABLE "bus_key" (
        "id" int PRIMARY KEY,
        "key" text NOT NULL
      );
    `);
  }
}
