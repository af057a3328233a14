import type pg from "pg";
import type { TenantId, WorkflowId } from "../model/index.ts";
import type { WorkflowRow } from "./entities/workflow.ts";
import type { WorkflowVersionRow } from "./entities/workflow-version.ts";

/** Named SQL of what clients read most. Through the ORM the same reads took three times the CPU of the request. */

const workflowColumns = `id, tenant_id AS "tenantId", name, description, status, is_enabled AS "isEnabled", version,
  trigger_config AS "triggerConfig", cron_schedule AS "cronSchedule", is_scheduled AS "isScheduled",
  trigger_on_file_upload AS "triggerOnFileUpload", trigger_file_extensions AS "triggerFileExtensions",
  retention_days AS "retentionDays", template_id AS "templateId", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** One that is not deleted. Plan: "workflow_pkey". */
export async function readWorkflow(pool: pg.Pool, tenantId: TenantId, id: number): Promise<WorkflowRow | null> {
  const { rows } = await pool.query<WorkflowRow>({
    name: "read-workflow",
    text: `SELECT ${workflowColumns} FROM workflow
           WHERE id = $1::int AND tenant_id = $2::text AND status <> 'deleted'`,
    values: [id, tenantId],
  });
  return rows[0] ?? null;
}

/** Newest first. Plans: "workflow_tenant_id" for all that are not deleted, "workflow_tenant_status" for one status. */
export async function listWorkflowsAt(
  pool: pg.Pool,
  tenantId: TenantId,
  statuses: readonly string[] | null,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<WorkflowRow[]> {
  const { rows } = await pool.query<WorkflowRow>({
    name: statuses === null ? "list-workflows" : "list-workflows-by-status",
    text: `SELECT ${workflowColumns} FROM workflow
           WHERE tenant_id = $1::text AND ${statuses === null ? "status <> 'deleted'" : "status = ANY ($4::text[])"}
           ORDER BY id DESC LIMIT $2::int OFFSET $3::int`,
    values: statuses === null ? [tenantId, limit, offset] : [tenantId, limit, offset, statuses],
  });
  return rows;
}

export interface VersionKey {
  readonly workflowId: WorkflowId;
  readonly version: number;
}

/** With the bytes that the definition takes in its row. Plan: "workflow_version_pkey". */
export async function readVersions(
  pool: pg.Pool,
  keys: readonly VersionKey[],
): Promise<(WorkflowVersionRow & { readonly bytes: number })[]> {
  const { rows } = await pool.query<WorkflowVersionRow & { readonly bytes: number }>({
    name: "read-versions",
    text: `SELECT workflow_id AS "workflowId", v.version, definition, timeout_seconds AS "timeoutSeconds",
             max_retries AS "maxRetries", created_at AS "createdAt", pg_column_size(definition) AS bytes
           FROM unnest($1::int[], $2::int[]) AS k (id, version)
           JOIN workflow_version AS v ON v.workflow_id = k.id AND v.version = k.version`,
    values: [keys.map((key) => key.workflowId), keys.map((key) => key.version)],
  });
  return rows;
}
