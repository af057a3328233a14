import { Migration } from "@mikro-orm/migrations";

/** The trace that an execution belongs to, so that whichever process works on it goes on with that trace. */
export class Migration013Trace extends Migration {
  override name = "013-trace";

  override up(): void {
    this.addSql(`ALTER TABLE "execution" ADD COLUMN "traceparent" text`);
  }
}
