import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { JsonObject, TenantId } from "../../model/index.ts";

export const FileEntity = defineEntity({
  name: "File",
  tableName: "file",
  indexes: [
    {
      name: "file_tenant",
      expression: 'create index "file_tenant" on "file" ("tenant_id", "id" desc) where (status <> \'deleted\'::text)',
    },
    {
      name: "file_tenant_status",
      expression: 'create index "file_tenant_status" on "file" ("tenant_id", "status", "id" desc)',
    },
    // Reference count of content: how many records share it.
    { name: "file_storage_key", expression: 'create index "file_storage_key" on "file" ("storage_key")' },
  ],
  uniques: [
    {
      name: "file_idempotency",
      expression:
        'create unique index "file_idempotency" on "file" ("tenant_id", "idempotency_key") where (idempotency_key is not null)',
    },
  ],
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId: p.text().$type<TenantId>(),
    /** Made safe: no path, no control characters. */
    filename: p.text(),
    originalFilename: p.text(),
    mimeType: p.text(),
    extension: p.text(),
    size: p.bigint("number"),
    sha256: p.text(),
    storageKey: p.text(),
    status: p.text().$type<"uploaded" | "processing" | "processed" | "failed" | "deleted">(),
    extractedContent: p.text().strictNullable(),
    metadata: p.json<JsonObject>().columnType("json").strictNullable(),
    /** Of the step that made it: another attempt finds the same file. */
    idempotencyKey: p.text().strictNullable(),
    /** Whose step made it; null: it was uploaded. */
    executionId: p.bigint("number").strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    updatedAt: p.datetime().columnType("timestamptz(3)"),
    processedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
  },
});

export type FileRow = InferEntity<typeof FileEntity>;
