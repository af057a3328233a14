import { Migration } from "@mikro-orm/migrations";

/** What an execution holds is known before it is loaded. */
export class Migration026Size extends Migration {
  override name = "026-size";

  override up(): void {
    this.addSql(`ALTER TABLE "execution" ADD COLUMN "size" int NULL;`);
  }
}
