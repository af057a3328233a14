import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { JsonObject, TenantId, WorkflowId, WorkflowStatus } from "../../model/index.ts";

/** What a user creates and runs. Its definition lives in `workflow_version`; this row points at the current one. */
export const WorkflowEntity = defineEntity({
  name: "Workflow",
  tableName: "workflow",
  indexes: [
    {
      name: "workflow_tenant_id",
      expression:
        'create index "workflow_tenant_id" on "workflow" ("tenant_id", "id" desc) where (status <> \'deleted\'::text)',
    },
    {
      name: "workflow_tenant_status",
      expression: 'create index "workflow_tenant_status" on "workflow" ("tenant_id", "status", "id" desc)',
    },
    {
      name: "workflow_template",
      expression:
        'create index "workflow_template" on "workflow" ("template_id", "tenant_id") where (template_id is not null)',
    },
    // Who is started by events.
    {
      name: "workflow_event_trigger",
      expression:
        'create index "workflow_event_trigger" on "workflow" ("tenant_id") where ((trigger_config ->> \'type\'::text) = \'event\'::text)',
    },
    {
      name: "workflow_on_upload",
      expression: 'create index "workflow_on_upload" on "workflow" ("tenant_id", "id") where (trigger_on_file_upload)',
    },
  ],
  uniques: [
    {
      name: "workflow_tenant_name",
      expression:
        'create unique index "workflow_tenant_name" on "workflow" ("tenant_id", "name") where (status <> \'deleted\'::text)',
    },
  ],
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId: p.text().$type<TenantId>(),
    name: p.text(),
    description: p.text().strictNullable(),
    status: p.text().$type<WorkflowStatus>(),
    isEnabled: p.boolean(),
    /** Current version: the key of `workflow_version` that new executions are pinned to. */
    version: p.integer(),
    triggerConfig: p.json<JsonObject>().columnType("json").strictNullable(),
    cronSchedule: p.text().strictNullable(),
    isScheduled: p.boolean(),
    triggerOnFileUpload: p.boolean(),
    /** Extensions without dots, comma separated; null: any. */
    triggerFileExtensions: p.text().strictNullable(),
    /** How long its executions are kept after their end; null: as long as the installation says. */
    retentionDays: p.integer().strictNullable(),
    /** The template that it was made from, which may be gone since. */
    templateId: p.integer().strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    updatedAt: p.datetime().columnType("timestamptz(3)"),
  },
});

export type WorkflowRow = Omit<InferEntity<typeof WorkflowEntity>, "id"> & { readonly id: WorkflowId };
