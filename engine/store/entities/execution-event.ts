import { defineEntity, p } from "@mikro-orm/core";
import type { JsonObject } from "../../model/index.ts";

/** What happened, in order, without a gap. Rows of the two tables beside it are the fold of these. */
export const ExecutionEventEntity = defineEntity({
  name: "ExecutionEvent",
  tableName: "execution_event",
  properties: {
    executionId: p.bigint("number").primary(),
    seq: p.integer().primary(),
    type: p.text(),
    stepId: p.bigint("number").strictNullable(),
    data: p.json<JsonObject>().columnType("json"),
    /** What the data shows as `***`, encrypted. */
    sealed: p.text().strictNullable(),
    at: p.datetime().columnType("timestamptz(3)"),
  },
});
