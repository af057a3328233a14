import { Migration } from "@mikro-orm/migrations";

/** How often a file's task was taken and neither finished nor given back: whoever took it ended. */
export class Migration033FileTaskTakes extends Migration {
  override name = "033-file-task-takes";

  override up(): void {
    this.addSql(`ALTER TABLE "file_task" ADD COLUMN "takes" int NOT NULL DEFAULT 0;`);
  }
}
