import { defineEntity, p } from "@mikro-orm/core";
import type { JsonObject } from "../../model/index.ts";

/**
 * A durable request to an execution from outside its worker: cancel, pause, an event, a child's end.
 * The worker that holds the execution takes it in the same commit that acts on it.
 */
export const ExecutionSignalEntity = defineEntity({
  name: "ExecutionSignal",
  tableName: "execution_signal",
  indexes: [
    {
      name: "execution_signal_execution",
      expression: 'create index "execution_signal_execution" on "execution_signal" ("execution_id", "id")',
    },
  ],
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    executionId: p.bigint("number"),
    data: p.json<JsonObject>().columnType("json"),
    createdAt: p.datetime().columnType("timestamptz(3)").defaultRaw("now()"),
  },
});
