import { defineEntity, p } from "@mikro-orm/core";

/** One row: which key the secrets of this database are sealed with. The key itself is not here. */
export const SecretKeyEntity = defineEntity({
  name: "SecretKey",
  tableName: "secret_key",
  properties: {
    id: p.smallint().primary().autoincrement(false),
    keyId: p.text(),
  },
});
