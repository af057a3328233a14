import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { TenantId } from "../../model/index.ts";

/** The secret itself is never stored: SHA-256 of it is (keys are 256 random bits, so a slow hash would add nothing). */
export const ApiKeyEntity = defineEntity({
  name: "ApiKey",
  tableName: "api_key",
  indexes: [
    { name: "api_key_tenant", expression: 'create index "api_key_tenant" on "api_key" ("tenant_id", "id" desc)' },
  ],
  uniques: [{ name: "api_key_hash", expression: 'create unique index "api_key_hash" on "api_key" ("hash")' }],
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId: p.text().$type<TenantId>(),
    name: p.text(),
    hash: p.text(),
    /** First characters, to recognise a key in a list. */
    prefix: p.text(),
    scopes: p.array<string>().columnType("text[]"),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    expiresAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    revokedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    /** It is the value of API_KEY, or was: another value ends it. */
    fromEnvironment: p.boolean().default(false),
    lastUsedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
  },
});

export type ApiKeyRow = InferEntity<typeof ApiKeyEntity>;
