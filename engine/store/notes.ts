import type { EventType, JsonObject, TenantId } from "../model/index.ts";
import type { FileNote } from "./entities/file-note.ts";
import { isReadable } from "./readable-json.ts";
import type { Queries } from "./room-database.ts";

/** What follows the journal takes notes in the transaction that acts on them: each is acted on once. */

/** An event of an execution, and of what execution it is. */
export interface NotedEvent {
  readonly executionId: number;
  readonly uid: string;
  readonly seq: number;
  readonly type: EventType;
  readonly at: Date;
  readonly data: JsonObject;
  readonly tenantId: TenantId;
  readonly workflowId: number;
  readonly correlationId: string | null;
  readonly depth: number;
  /** The event of a failure led to it. */
  readonly afterFailure: boolean;
  /** Null: it is of a workflow. */
  readonly sagaType: string | null;
}

/**
 * The events of these types that the first notes tell of, and those by which a step asks for a domain event.
 * Of a workflow's execution only the small facts are read: inputs and outputs stay where they are. Which waits publish
 * something is looked for in their text: more may be found, and mean nothing.
 */
export async function takeJournalNotes(
  tx: Queries,
  limit: number,
  types: readonly EventType[],
): Promise<{ readonly notes: number; readonly events: readonly NotedEvent[] }> {
  const taken = await tx.query<{ id: number }>({
    name: "journal-notes",
    text: "SELECT id FROM journal_note ORDER BY id LIMIT $1::int",
    values: [limit],
  });
  const ids = taken.rows.map((row) => row.id);
  if (ids.length === 0) return { notes: 0, events: [] };
  const { rows } = await tx.query<NotedEvent>({
    name: "journal-noted-events",
    text: `SELECT v.execution_id AS "executionId", v.seq, v.type, v.at, x.uid, x.tenant_id AS "tenantId",
             x.workflow_id AS "workflowId", x.correlation_id AS "correlationId", x.depth, x.after_failure AS "afterFailure",
             t.name AS "sagaType",
             CASE WHEN t.name IS NULL AND v.type LIKE 'step.%' AND v.type <> 'step.waiting' AND ${isReadable("v.data")}
               THEN json_build_object('name', v.data->'name') ELSE v.data END AS data
           FROM journal_note AS n
           CROSS JOIN LATERAL unnest(n.execution_ids, n.previous_seqs, n.last_seqs) AS e(id, previous_seq, last_seq)
           JOIN execution_event AS v ON v.execution_id = e.id AND v.seq > e.previous_seq AND v.seq <= e.last_seq
           JOIN execution AS x ON x.id = e.id
           LEFT JOIN saga_type AS t ON t.workflow_id = x.workflow_id
           WHERE n.id = ANY($1::bigint[])
             AND (v.type = ANY($2::text[]) OR (v.type = 'step.waiting' AND strpos(v.data::text, '"publish"') > 0))
           ORDER BY n.id, v.execution_id, v.seq`,
    values: [ids, types],
  });
  await tx.query({
    name: "journal-notes-done",
    text: "DELETE FROM journal_note WHERE id = ANY($1::bigint[])",
    values: [ids],
  });
  return { notes: ids.length, events: rows };
}

/** Something that happened to a file. */
export interface NotedFile {
  readonly type: FileNote["type"];
  readonly at: Date;
  readonly id: number;
  readonly tenantId: TenantId;
  readonly filename: string;
  readonly mimeType: string;
  readonly size: number;
  /** Characters of what was extracted. */
  readonly length: number | null;
  /** The execution whose step has made the file. */
  readonly madeBy: {
    readonly id: number;
    readonly workflowId: number;
    readonly depth: number;
    readonly afterFailure: boolean;
  } | null;
}

/** A note of a file that is gone says nothing any more. */
export async function takeFileNotes(tx: Queries, limit: number): Promise<NotedFile[]> {
  const { rows } = await tx.query<NotedFile>({
    name: "file-notes",
    text: `WITH taken AS (
             DELETE FROM file_note WHERE id IN (SELECT id FROM file_note ORDER BY id LIMIT $1::int) RETURNING *
           )
           SELECT n.type, n.at, f.id, f.tenant_id AS "tenantId", f.filename, f.mime_type AS "mimeType", f.size,
             length(f.extracted_content) AS length,
             CASE WHEN x.id IS NOT NULL THEN json_build_object(
               'id', x.id, 'workflowId', x.workflow_id, 'depth', x.depth, 'afterFailure', x.after_failure) END AS "madeBy"
           FROM taken AS n JOIN file AS f ON f.id = n.file_id
           LEFT JOIN execution AS x ON x.id = f.execution_id ORDER BY n.id`,
    values: [limit],
  });
  return rows;
}
