import type pg from "pg";
import { idRange, type JsonObject, type Page, pageOf, type Window } from "../model/index.ts";
import type { WorkflowVersionRow } from "./entities/workflow-version.ts";

interface Columns {
  readonly workflow_id: number;
  readonly version: number;
  readonly definition: JsonObject;
  readonly timeout_seconds: number;
  readonly max_retries: number;
  readonly created_at: Date;
}

/** Versions of each workflow, newest first; the window is of version numbers. Plan: "workflow_version_pkey". */
export async function listVersions(
  pool: pg.Pool,
  workflowIds: readonly number[],
  window: Window,
): Promise<Map<number, Page<WorkflowVersionRow>>> {
  const { lower, upper, direction } = idRange(window, "DESC");
  const { rows } = await pool.query<Columns>({
    name: `list-versions-${direction}`,
    text: `SELECT listed.* FROM unnest($1::int[]) AS owner (id)
           CROSS JOIN LATERAL (
             SELECT workflow_id, version, definition, timeout_seconds, max_retries, created_at FROM workflow_version
             WHERE workflow_id = owner.id AND version > $2::bigint AND version < $3::bigint
             ORDER BY version ${direction} LIMIT $4::int
           ) AS listed`,
    values: [workflowIds, lower, upper, window.limit + 1],
  });
  const lists = Map.groupBy(rows, (row) => row.workflow_id);
  const sign = direction === "ASC" ? 1 : -1;
  return new Map(
    [...lists].map(([id, found]) => [
      id,
      pageOf(
        found.map(toVersion).sort((a, b) => sign * (a.version - b.version)),
        window,
      ),
    ]),
  );
}

function toVersion(row: Columns): WorkflowVersionRow {
  return {
    workflowId: row.workflow_id,
    version: row.version,
    definition: row.definition,
    timeoutSeconds: row.timeout_seconds,
    maxRetries: row.max_retries,
    createdAt: row.created_at,
  } as WorkflowVersionRow;
}
