import type { JsonObject, TenantId } from "../model/index.ts";
import type { SagaTypeRow } from "./entities/saga-type.ts";
import type { Queries } from "./room-database.ts";

/** What a registered saga type is made of: `document` as it was registered, and what the engine runs. */
export interface NewSagaType {
  readonly name: string;
  readonly description: string | null;
  readonly document: JsonObject;
  readonly triggerEvent: string | null;
  readonly definition: JsonObject;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
}

const columns = `workflow_id AS "workflowId", tenant_id AS "tenantId", name, description, version, document,
  trigger_event AS "triggerEvent", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** By name. Plan: "saga_type_tenant_name". */
export async function readSagaTypes(queries: Queries, tenantId: TenantId): Promise<SagaTypeRow[]> {
  const { rows } = await queries.query<SagaTypeRow>(
    `SELECT ${columns} FROM saga_type WHERE tenant_id = $1::text ORDER BY name`,
    [tenantId],
  );
  return rows;
}

/**
 * Makes the type, or its next version when the document is another. It takes its name first, so that two who register it at
 * once make two versions. To be called in a transaction.
 */
export async function saveSagaType(tx: Queries, tenantId: TenantId, type: NewSagaType): Promise<SagaTypeRow> {
  // The number is a workflow's that is none.
  const { rows } = await tx.query<SagaTypeRow>(
    `INSERT INTO saga_type (workflow_id, tenant_id, name, description, version, document, trigger_event, created_at, updated_at)
     VALUES (nextval(pg_get_serial_sequence('workflow', 'id')), $1::text, $2::text, $3::text, 1, $4::json, $5::text, now(), now())
     ON CONFLICT (tenant_id, name) DO UPDATE SET
       version = saga_type.version + (saga_type.document::text <> excluded.document::text)::int,
       document = excluded.document, description = excluded.description, trigger_event = excluded.trigger_event,
       updated_at = CASE WHEN saga_type.document::text <> excluded.document::text THEN now() ELSE saga_type.updated_at END
     RETURNING ${columns}`,
    [tenantId, type.name, type.description, JSON.stringify(type.document), type.triggerEvent],
  );
  const saved = rows[0]!;
  await tx.query(
    `INSERT INTO workflow_version (workflow_id, version, definition, timeout_seconds, max_retries, created_at)
     VALUES ($1::int, $2::int, $3::json, $4::int, $5::int, now())
     ON CONFLICT DO NOTHING`,
    [saved.workflowId, saved.version, JSON.stringify(type.definition), type.timeoutSeconds, type.maxRetries],
  );
  return saved;
}
