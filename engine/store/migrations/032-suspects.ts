import { Migration } from "@mikro-orm/migrations";

/** How the worker's processes ended, and what was in hand at each end that was none of its own will. */
export class Migration032Suspects extends Migration {
  override name = "032-suspects";

  override up(): void {
    this.addSql(`
      CREATE TABLE "worker_life" (
        "id" int PRIMARY KEY,
        "life" int NOT NULL,
        "is_over" boolean NOT NULL
      );
      INSERT INTO "worker_life" VALUES (1, 0, true);

      CREATE TABLE "suspect" (
        "execution_id" bigint PRIMARY KEY,
        "seq" int NOT NULL,
        "epoch" int NOT NULL,
        "ends" int NOT NULL,
        "accused" boolean NOT NULL,
        "on_trial" boolean NOT NULL
      );
    `);
  }
}
