import type { JsonObject, TenantId } from "../model/index.ts";
import type { Queries } from "./room-database.ts";

/** Something that a domain event starts. */
export interface EventTrigger {
  readonly kind: "workflow" | "saga";
  /** Of a saga: the number of its type. */
  readonly workflowId: number;
  readonly eventType: string;
  /** Values, by dotted path, that the event's data must have. */
  readonly match: JsonObject | null;
}

/** Plan: "workflow_event_trigger", and the tenant's saga types. */
export async function readEventTriggers(queries: Queries, tenantId: TenantId): Promise<EventTrigger[]> {
  const { rows } = await queries.query<EventTrigger>({
    name: "event-triggers",
    text: `SELECT 'workflow' AS kind, id AS "workflowId",
             coalesce(trigger_config->>'event_type', trigger_config->>'event') AS "eventType", trigger_config->'match' AS match
           FROM workflow
           WHERE tenant_id = $1::text AND trigger_config->>'type' = 'event' AND status = 'active' AND is_enabled
             AND coalesce(trigger_config->>'enabled', 'true') <> 'false'
           UNION ALL
           SELECT 'saga', workflow_id, trigger_event, document->'trigger'->'match' FROM saga_type
           WHERE tenant_id = $1::text AND trigger_event IS NOT NULL`,
    values: [tenantId],
  });
  // Nobody checks what else a trigger says.
  return rows.filter((row) => typeof row.eventType === "string");
}
