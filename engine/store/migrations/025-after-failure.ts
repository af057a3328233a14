import { Migration } from "@mikro-orm/migrations";

/** What a failure has started, so that its own failure starts nothing; and which execution has made a file, so that what that starts is counted with it. */
export class Migration025AfterFailure extends Migration {
  override name = "025-after-failure";

  override up(): void {
    this.addSql(`
      ALTER TABLE "execution" ADD COLUMN "after_failure" boolean NOT NULL DEFAULT false;
      ALTER TABLE "file" ADD COLUMN "execution_id" bigint NULL;
    `);
  }
}
