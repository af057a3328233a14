import { defineEntity, p } from "@mikro-orm/core";
import type { TenantId } from "../../model/index.ts";

/** Something still to be done with a file. It goes when it is done; until then any process may take it when it is due. */
export const FileTaskEntity = defineEntity({
  name: "FileTask",
  tableName: "file_task",
  indexes: [{ name: "file_task_due", properties: ["dueAt", "id"] }],
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    fileId: p.integer(),
    tenantId: p.text().$type<TenantId>(),
    /** Read its text into the record. */
    extract: p.boolean(),
    /** Start the workflows that ask for uploads like it. */
    triggers: p.boolean(),
    /** Since somebody last gave it back. */
    takes: p.integer().default(0),
    dueAt: p.datetime().columnType("timestamptz(3)"),
  },
});
