import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type {
  CompensationStatus,
  ExecutionStatus,
  JsonObject,
  JsonValue,
  Outcome,
  TenantId,
  TriggerType,
} from "../../model/index.ts";

/**
 * One run of a workflow version. Written by the journal alone.
 * No foreign keys on the three hot tables: their checks cost a look-up per row, and only the journal writes them.
 */
export const ExecutionEntity = defineEntity({
  name: "Execution",
  tableName: "execution",
  indexes: [
    { name: "execution_tenant", expression: 'create index "execution_tenant" on "execution" ("tenant_id", "id" desc)' },
    {
      name: "execution_tenant_status",
      expression: 'create index "execution_tenant_status" on "execution" ("tenant_id", "status", "id" desc)',
    },
    {
      name: "execution_workflow",
      expression: 'create index "execution_workflow" on "execution" ("workflow_id", "id" desc)',
    },
    {
      name: "execution_workflow_status",
      expression: 'create index "execution_workflow_status" on "execution" ("workflow_id", "status", "id" desc)',
    },
    {
      name: "execution_correlation",
      expression:
        'create index "execution_correlation" on "execution" ("tenant_id", "correlation_id", "id" desc) where (correlation_id is not null)',
    },
    {
      name: "execution_parent",
      expression: 'create index "execution_parent" on "execution" ("parent_id") where (parent_id is not null)',
    },
    // What was in a worker's hands: read once when a worker starts.
    {
      name: "execution_unfinished",
      expression:
        "create index \"execution_unfinished\" on \"execution\" (\"id\") where (status = any (array['pending'::text, 'running'::text, 'compensating'::text]))",
    },
    // Timers: the next one due is the first row.
    {
      name: "execution_wake",
      expression: 'create index "execution_wake" on "execution" ("wake_at", "id") where (wake_at is not null)',
    },
  ],
  uniques: [
    {
      name: "execution_idempotency",
      expression:
        'create unique index "execution_idempotency" on "execution" ("workflow_id", "idempotency_key") where (idempotency_key is not null)',
    },
  ],
  properties: {
    id: p.bigint("number").primary().autoincrement(false),
    /** What it is called where other installations are, too: as a saga, and in idempotency keys. */
    uid: p.uuid(),
    tenantId: p.text().$type<TenantId>(),
    workflowId: p.integer(),
    workflowVersion: p.integer(),
    status: p.text().$type<ExecutionStatus>(),
    compensationStatus: p.text().$type<CompensationStatus>(),
    /** Set as soon as the work is given up, while it is still being undone. */
    outcome: p.text().$type<Outcome>().strictNullable(),
    triggerType: p.text().$type<TriggerType>(),
    triggerData: p.json<JsonObject>().columnType("json"),
    /** The trigger data in clear, encrypted, when a parent gave it secrets. */
    sealed: p.text().strictNullable(),
    correlationId: p.text().strictNullable(),
    idempotencyKey: p.text().strictNullable(),
    /** SHA-256 of the start request, to tell a repeat from a conflict. */
    requestHash: p.text().strictNullable(),
    parentId: p.bigint("number").strictNullable(),
    parentStepId: p.bigint("number").strictNullable(),
    forkedFromId: p.bigint("number").strictNullable(),
    /** 0 for a start from outside, one more for each level of child executions and of what events start. */
    depth: p.smallint(),
    /** The event of a failure started it, or what led to it: its own failure starts nothing. */
    afterFailure: p.boolean().default(false),
    /** The start from outside that led to it, through children and events; null: it is one itself. */
    rootId: p.bigint("number").strictNullable(),
    /** W3C trace context of what started it. */
    traceparent: p.text().strictNullable(),
    /** Grows with each claim; a write that carries an older one is refused. */
    epoch: p.integer(),
    lastSeq: p.integer(),
    /** When this execution next needs a look: the nearest of its timers, retries and its deadline. */
    wakeAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    /** Characters of JSON that it holds, so that whoever takes it over knows what it weighs before it is read. Null: of before. */
    size: p.integer().strictNullable(),
    deadlineAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    pausedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    error: p.json<JsonValue>().columnType("json").strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    startedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    completedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
  },
});

export type ExecutionRow = InferEntity<typeof ExecutionEntity>;
