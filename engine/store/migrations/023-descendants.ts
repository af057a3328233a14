import { Migration } from "@mikro-orm/migrations";

/** What a start led to is counted. Executions from before have no root: what they lead to from now on has them for one. */
export class Migration023Descendants extends Migration {
  override name = "023-descendants";

  override up(): void {
    this.addSql(`
      ALTER TABLE "execution" ADD COLUMN "root_id" bigint NULL;
      CREATE TABLE "execution_tree" (
        "root_id" bigint NOT NULL,
        "lane" int NOT NULL,
        "descendants" int NOT NULL,
        PRIMARY KEY ("root_id", "lane")
      );
    `);
  }
}
