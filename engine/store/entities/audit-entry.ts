import { defineEntity, p } from "@mikro-orm/core";
import type { JsonValue, TenantId } from "../../model/index.ts";

/**
 * Who did what, or was refused. Append-only: triggers refuse every change, and every removal but that of the retention,
 * which says so by a setting of its transaction, and only of entries that are 30 days old.
 */
export const AuditEntryEntity = defineEntity({
  name: "AuditEntry",
  tableName: "audit_entry",
  indexes: [
    {
      name: "audit_entry_tenant",
      expression: 'create index "audit_entry_tenant" on "audit_entry" ("tenant_id", "at" desc, "id" desc)',
    },
    {
      name: "audit_entry_actor",
      expression: 'create index "audit_entry_actor" on "audit_entry" ("tenant_id", "actor", "at" desc, "id" desc)',
    },
    {
      name: "audit_entry_action",
      expression: 'create index "audit_entry_action" on "audit_entry" ("tenant_id", "action", "at" desc, "id" desc)',
    },
    {
      name: "audit_entry_target",
      expression: 'create index "audit_entry_target" on "audit_entry" ("tenant_id", "target", "at" desc, "id" desc)',
    },
    {
      name: "audit_entry_correlation",
      expression:
        'create index "audit_entry_correlation" on "audit_entry" ("tenant_id", "correlation_id", "at" desc, "id" desc)',
    },
    {
      name: "audit_entry_refused",
      expression:
        'create index "audit_entry_refused" on "audit_entry" ("tenant_id", "at" desc, "id" desc) where (refused is not null)',
    },
    // Retention.
    { name: "audit_entry_at", expression: 'create index "audit_entry_at" on "audit_entry" ("at")' },
  ],
  // A third one, against TRUNCATE, stands in the migration alone: the ORM cannot see such a trigger, and would add it forever.
  triggers: [
    {
      name: "unchanging",
      timing: "before",
      events: ["update"],
      forEach: "row",
      body: "RAISE EXCEPTION 'audit_entry is append-only';",
    },
    {
      name: "kept",
      timing: "before",
      events: ["delete"],
      forEach: "row",
      body: "IF current_setting('stepwire.audit_retention', true) IS DISTINCT FROM 'on' OR OLD.at > now() - interval '30 days' THEN RAISE EXCEPTION 'audit_entry is append-only'; END IF; RETURN OLD;",
    },
  ],
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    /** Null: nobody's, such as a call with a key that does not exist. */
    tenantId: p.text().$type<TenantId>().strictNullable(),
    at: p.datetime().columnType("timestamptz(3)"),
    /** For example `key:12` or `anonymous`. */
    actor: p.text(),
    /** For example `workflow.update`. */
    action: p.text(),
    /** For example `workflow:5`. */
    target: p.text().strictNullable(),
    correlationId: p.text().strictNullable(),
    /** The error code, when it was refused. */
    refused: p.text().strictNullable(),
    before: p.json<JsonValue>().columnType("json").strictNullable(),
    after: p.json<JsonValue>().columnType("json").strictNullable(),
  },
});
