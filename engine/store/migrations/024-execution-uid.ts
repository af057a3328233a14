import { Migration } from "@mikro-orm/migrations";

/**
 * What executions are called where other installations are, too (`engine/model/identity.ts`). Those that are there keep
 * the ids that sagas had until now: "stepwire" in ASCII around the version digit, then the number.
 */
export class Migration024ExecutionUid extends Migration {
  override name = "024-execution-uid";

  override up(): void {
    this.addSql(`
      ALTER TABLE "execution" ADD COLUMN "uid" uuid NULL;
      UPDATE "execution" SET "uid" = ('7374657077698265' || '8' || lpad(to_hex("id"), 15, '0'))::uuid;
      ALTER TABLE "execution" ALTER COLUMN "uid" SET NOT NULL;
    `);
  }
}
