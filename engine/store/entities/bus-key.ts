import { defineEntity, p } from "@mikro-orm/core";

/** What the processes of a database know each other's messages by; one row. */
export const BusKeyEntity = defineEntity({
  name: "BusKey",
  tableName: "bus_key",
  properties: {
    id: p.integer().primary().autoincrement(false),
    key: p.text(),
  },
});
