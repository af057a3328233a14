import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { JsonObject, TenantId } from "../../model/index.ts";

/**
 * A registered saga type. It takes the number of a workflow, so that its versions stand in `workflow_version` and its
 * sagas are executions like any other; there is no row of `workflow`, so no list of workflows shows it.
 */
export const SagaTypeEntity = defineEntity({
  name: "SagaType",
  tableName: "saga_type",
  uniques: [
    {
      name: "saga_type_tenant_name",
      expression: 'create unique index "saga_type_tenant_name" on "saga_type" ("tenant_id", "name")',
    },
  ],
  properties: {
    workflowId: p.integer().primary().autoincrement(false),
    tenantId: p.text().$type<TenantId>(),
    name: p.text(),
    description: p.text().strictNullable(),
    version: p.integer(),
    /** As it was registered. */
    document: p.json<JsonObject>().columnType("json"),
    /** Type of the domain event that starts it. */
    triggerEvent: p.text().strictNullable(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
    updatedAt: p.datetime().columnType("timestamptz(3)"),
  },
});

export type SagaTypeRow = InferEntity<typeof SagaTypeEntity>;
