import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { JsonObject, TenantId } from "../../model/index.ts";

/** What workflows are made from. */
export const TemplateEntity = defineEntity({
  name: "Template",
  tableName: "template",
  // Public and private rows have indexes of their own: a list reads both in its order and merges the two.
  indexes: [
    {
      name: "template_public",
      expression: 'create index "template_public" on "template" ("id" desc) where is_public',
    },
    {
      name: "template_public_category",
      expression: 'create index "template_public_category" on "template" ("category", "id" desc) where is_public',
    },
    {
      name: "template_private",
      expression: 'create index "template_private" on "template" ("tenant_id", "id" desc) where (not is_public)',
    },
    {
      name: "template_private_category",
      expression:
        'create index "template_private_category" on "template" ("tenant_id", "category", "id" desc) where (not is_public)',
    },
    { name: "template_search", expression: 'create index "template_search" on "template" using gin ("search")' },
    { name: "template_tags", expression: 'create index "template_tags" on "template" using gin ("tags")' },
  ],
  uniques: [
    {
      name: "template_tenant_name",
      expression: 'create unique index "template_tenant_name" on "template" ("tenant_id", "name")',
    },
  ],
  properties: {
    /** 1 to 100 are kept for built-in templates. */
    id: p.integer().primary().autoincrement(),
    /** Null: built in, public, and nobody's to change. */
    tenantId: p.text().$type<TenantId>().strictNullable(),
    name: p.text(),
    description: p.text().strictNullable(),
    category: p.text().strictNullable(),
    /** As the client sent it, key order kept: `json`, not `jsonb`. */
    definition: p.json<JsonObject>().columnType("json"),
    defaultTriggerConfig: p.json<JsonObject>().columnType("json").strictNullable(),
    defaultCronSchedule: p.text().strictNullable(),
    /** Seen by every tenant. */
    isPublic: p.boolean(),
    tags: p.array().columnType("text[]"),
    version: p.text(),
    usageCount: p.integer(),
    lastUsedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    updatedAt: p.datetime().columnType("timestamptz(3)"),
    /** Words of the name and the description; made by Postgres, read by lists only. */
    search: p
      .text()
      .columnType("tsvector")
      .nullable()
      .lazy()
      .generated(
        "(to_tsvector('simple'::regconfig, regexp_replace(((name || ' '::text) || COALESCE(description, ''::text)), '[^[:alnum:]]+'::text, ' '::text, 'g'::text))) stored",
      ),
  },
});

export type TemplateRow = Omit<InferEntity<typeof TemplateEntity>, "search">;
