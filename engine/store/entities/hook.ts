import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { TenantId } from "../../model/index.ts";

/**
 * An inbound webhook: who holds its token may start its workflow. The token is stored as its SHA-256 alone. The secret is
 * stored as it is: to check an HMAC one needs the key itself.
 */
export const HookEntity = defineEntity({
  name: "Hook",
  tableName: "hook",
  indexes: [
    { name: "hook_tenant", expression: 'create index "hook_tenant" on "hook" ("tenant_id", "id" desc)' },
    { name: "hook_workflow", expression: 'create index "hook_workflow" on "hook" ("workflow_id", "id" desc)' },
  ],
  uniques: [
    { name: "hook_token", expression: 'create unique index "hook_token" on "hook" ("token_hash")' },
    {
      name: "hook_previous_token",
      expression:
        'create unique index "hook_previous_token" on "hook" ("previous_token_hash") where (previous_token_hash is not null)',
    },
  ],
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId: p.text().$type<TenantId>(),
    workflowId: p.integer(),
    name: p.text(),
    tokenHash: p.text(),
    /** First characters, to recognise a token in a list. */
    tokenPrefix: p.text(),
    /** Null: takes unsigned calls. */
    secret: p.text().strictNullable(),
    /** Seconds that a signed timestamp may be away from now, in either direction. */
    replayWindowSeconds: p.integer(),
    enabled: p.boolean(),
    /** Until `previousUntil` the pair from before the rotation is good, too. */
    previousTokenHash: p.text().strictNullable(),
    previousSecret: p.text().strictNullable(),
    previousUntil: p.datetime().columnType("timestamptz(3)").strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    updatedAt: p.datetime().columnType("timestamptz(3)"),
  },
});

export type HookRow = InferEntity<typeof HookEntity>;
