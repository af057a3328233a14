import { defineEntity, p } from "@mikro-orm/core";
import type { TenantId } from "../../model/index.ts";

/**
 * How many executions of a workflow began and ended in an hour: what statistics and /health read, so that
 * nobody counts rows. Each journal connection (lane) adds to rows of its own, so that no two flushes wait for one lock;
 * readers sum over lanes.
 */
export const ExecutionCountEntity = defineEntity({
  name: "ExecutionCount",
  tableName: "execution_count",
  indexes: [
    { name: "execution_count_tenant", properties: ["tenantId", "hour"] },
    { name: "execution_count_hour", properties: ["hour"] },
  ],
  properties: {
    workflowId: p.integer().primary(),
    hour: p.datetime().columnType("timestamptz(0)").primary(),
    lane: p.integer().primary(),
    tenantId: p.text().$type<TenantId>(),
    started: p.integer(),
    completed: p.integer(),
    failed: p.integer(),
    timedOut: p.integer(),
    cancelled: p.integer(),
    lastStartedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
  },
});
