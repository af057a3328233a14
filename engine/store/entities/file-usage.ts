import { defineEntity, p } from "@mikro-orm/core";
import type { TenantId } from "../../model/index.ts";

/** Bytes of a tenant's files that are not deleted, so that a quota needs no sum over them. */
export const FileUsageEntity = defineEntity({
  name: "FileUsage",
  tableName: "file_usage",
  properties: {
    tenantId: p.text().$type<TenantId>().primary(),
    bytes: p.bigint("number"),
  },
});
