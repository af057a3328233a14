import { Migration } from "@mikro-orm/migrations";

/** Which signal a command with an idempotency key has sent: the same key sends no other. */
export class Migration029ExecutionCommand extends Migration {
  override name = "029-execution-command";

  override up(): void {
    this.addSql(`
      CREATE TABLE "execution_command" (
        "execution_id" bigint NOT NULL,
        "idempotency_key" text NOT NULL,
        "request_hash" text NOT NULL,
        "signal_id" bigint NOT NULL,
        "last_seq" int NOT NULL,
        PRIMARY KEY ("execution_id", "idempotency_key")
      );
    `);
  }
}
