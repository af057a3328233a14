import { defineEntity, p } from "@mikro-orm/core";
import type { TenantId } from "../../model/index.ts";

/** An execution that is not removed, however old it is, until it is released. Beside `execution`, which the journal alone writes. */
export const ExecutionHoldEntity = defineEntity({
  name: "ExecutionHold",
  tableName: "execution_hold",
  properties: {
    executionId: p.bigint("number").primary().autoincrement(false),
    tenantId: p.text().$type<TenantId>(),
    reason: p.text(),
    heldAt: p.datetime().columnType("timestamptz(3)"),
  },
});
