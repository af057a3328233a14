import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { JsonObject, SchedulePolicies, TenantId } from "../../model/index.ts";

/** When a workflow starts by itself. Its columns from `nextAt` to `activeExecutionIds` are the scheduler's. */
export const ScheduleEntity = defineEntity({
  name: "Schedule",
  tableName: "schedule",
  indexes: [
    { name: "schedule_tenant", expression: 'create index "schedule_tenant" on "schedule" ("tenant_id", "id" desc)' },
    {
      name: "schedule_workflow",
      expression: 'create index "schedule_workflow" on "schedule" ("workflow_id", "id" desc)',
    },
    // Timers: the next one due is the first row.
    {
      name: "schedule_due",
      expression: 'create index "schedule_due" on "schedule" ("next_at", "id") where (next_at is not null)',
    },
    {
      name: "schedule_queued",
      expression: 'create index "schedule_queued" on "schedule" ("id") where (queued_at is not null)',
    },
  ],
  uniques: [
    {
      name: "schedule_of_workflow",
      expression:
        'create unique index "schedule_of_workflow" on "schedule" ("workflow_id") where (source = \'workflow\'::text)',
    },
  ],
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId: p.text().$type<TenantId>(),
    workflowId: p.integer(),
    name: p.text(),
    cron: p.text(),
    timezone: p.text(),
    policies: p.json<SchedulePolicies>().columnType("json"),
    isEnabled: p.boolean(),
    /** Goes into the trigger data of each execution. */
    triggerData: p.json<JsonObject>().columnType("json"),
    /** `workflow`: made from the workflow's own cron_schedule; at most one a workflow. */
    source: p.text().$type<"workflow" | "api">(),
    /** The nearest nominal time that nobody has dealt with. Null: none is to come, or the schedule is paused. */
    nextAt: p.datetime().columnType("timestamptz(3)").nullable(),
    /** The last nominal time that started an execution. */
    lastAt: p.datetime().columnType("timestamptz(3)").nullable(),
    /** Why the last nominal time started none. */
    lastError: p.text().nullable(),
    /** The nominal time that waits for the execution before it to end. */
    queuedAt: p.datetime().columnType("timestamptz(3)").nullable(),
    /** What it started and what was not over when the scheduler last looked. */
    activeExecutionIds: p.json<readonly number[]>().columnType("json"),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    updatedAt: p.datetime().columnType("timestamptz(3)"),
  },
});

export type ScheduleRow = InferEntity<typeof ScheduleEntity>;
