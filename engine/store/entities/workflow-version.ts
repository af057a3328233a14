import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { JsonObject } from "../../model/index.ts";

/** What an execution is pinned to. Written once, never changed. */
export const WorkflowVersionEntity = defineEntity({
  name: "WorkflowVersion",
  tableName: "workflow_version",
  properties: {
    workflowId: p.integer().primary(),
    version: p.integer().primary(),
    /** As the client sent it, key order kept: `json`, not `jsonb`. */
    definition: p.json<JsonObject>().columnType("json"),
    /** Limit of a whole execution. */
    timeoutSeconds: p.integer(),
    /** Retries after the first attempt, for steps that say nothing themselves. */
    maxRetries: p.integer(),
    createdAt: p.datetime().columnType("timestamptz(3)"),
  },
});

export type WorkflowVersionRow = InferEntity<typeof WorkflowVersionEntity>;
