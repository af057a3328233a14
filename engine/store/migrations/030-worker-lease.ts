import { Migration } from "@mikro-orm/migrations";

/** Who held the worker's lock last: whether somebody else had it meanwhile, and whether the last one may still be at work. */
export class Migration030WorkerLease extends Migration {
  override name = "030-worker-lease";

  override up(): void {
    this.addSql(`
      CREATE TABLE "worker_lease" (
        "id" int PRIMARY KEY,
        "epoch" int NOT NULL,
        "holder" text
      );
      INSERT INTO "worker_lease" VALUES (1, 0, NULL);
    `);
  }
}
