import type pg from "pg";
import type { Columns, JsonObject } from "../../engine/index.ts";
import { DomainError, isReadable, transaction } from "../../engine/index.ts";
import type { Outcome } from "../follower.ts";
import { appendEvents } from "./append.ts";
import type { DomainEvent, NewDomainEvent } from "./domain-event.ts";
import type { EventStore } from "./event-store.ts";
import { project, projectedTypes, toProjectedRow } from "./projection.ts";

/** One process at a time, so that an execution's events stay in order. The number is arbitrary, and ours. */
const PROJECTOR_LOCK = 7_306_200_620n;
/** A note is a flush, of up to 4,000 events. */
const NOTES_PER_LOOK = 32;
const FILE_NOTES_PER_LOOK = 100;
/** No request waits for it: it follows the journal, however slow Postgres is. */
const LOOK_STATEMENT_MS = 60_000;
/** After a large look the journal has this many times as long for itself: following it must not slow it. */
const REST_FACTOR = 3;
const LARGE_LOOK_EVENTS = 200;

/**
 * Makes domain events of what the journal has stored. A note says which events a flush has stored; it goes in the
 * commit that stores the domain events, so each is made exactly once.
 */
export function createProjector(pool: pg.Pool, store: EventStore): () => Promise<Outcome> {
  return async () => {
    const startedAt = performance.now();
    const found = await transaction(pool, takeNotes, LOOK_STATEMENT_MS);
    if (found === null) return "later";
    store.announce(found.events);
    if (found.notes < NOTES_PER_LOOK && found.events.length < LARGE_LOOK_EVENTS)
      return found.notes > 0 ? "more" : "done";
    return (performance.now() - startedAt) * REST_FACTOR;
  };
}

async function takeNotes(client: pg.PoolClient): Promise<{ notes: number; events: DomainEvent[] } | null> {
  const lock = await client.query<{ held: boolean }>("SELECT pg_try_advisory_xact_lock($1::bigint) AS held", [
    PROJECTOR_LOCK,
  ]);
  if (!lock.rows[0]!.held) return null;
  const taken = await client.query<{ id: number }>({
    name: "journal-notes",
    text: "SELECT id FROM journal_note ORDER BY id LIMIT $1::int",
    values: [NOTES_PER_LOOK],
  });
  const ids = taken.rows.map((row) => row.id);
  const files = await takeFileNotes(client);
  if (ids.length === 0 && files.length === 0) return { notes: 0, events: [] };
  const { rows } = await client.query<Columns>({
    name: "journal-noted-events",
    // Of a workflow's execution only the small facts are wanted: inputs and outputs stay where they are. Which waits
    // publish something is looked for in their text: more may be found, and mean nothing.
    text: `SELECT v.execution_id, v.seq, v.type, v.at, x.uid, x.tenant_id, x.workflow_id, x.correlation_id, x.depth, x.after_failure, t.name AS saga_type,
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
    values: [ids, projectedTypes],
  });
  const appended = await appendEvents(client, [...rows.map(toProjectedRow).flatMap(project), ...files]);
  await client.query({
    name: "journal-notes-done",
    text: "DELETE FROM journal_note WHERE id = ANY($1::bigint[])",
    values: [ids],
  });
  return {
    notes: ids.length + files.length,
    events: appended.filter((event): event is DomainEvent => !(event instanceof DomainError)),
  };
}

/** What happened to files; a note of one that is gone says nothing any more. */
async function takeFileNotes(client: pg.PoolClient): Promise<NewDomainEvent[]> {
  const { rows } = await client.query<Columns>({
    name: "file-notes",
    text: `WITH taken AS (
             DELETE FROM file_note WHERE id IN (SELECT id FROM file_note ORDER BY id LIMIT $1::int) RETURNING *
           )
           SELECT n.type, n.at, f.id, f.tenant_id, f.filename, f.mime_type, f.size, length(f.extracted_content) AS length,
             x.id AS execution_id, x.workflow_id, x.depth, x.after_failure
           FROM taken AS n JOIN file AS f ON f.id = n.file_id
           LEFT JOIN execution AS x ON x.id = f.execution_id ORDER BY n.id`,
    values: [FILE_NOTES_PER_LOOK],
  });
  return rows.map((row) => ({
    tenantId: row.tenant_id as string,
    type: row.type as string,
    aggregateType: "file",
    aggregateId: String(row.id),
    data: {
      file_id: row.id as number,
      filename: row.filename as string,
      mime_type: row.mime_type as string,
      file_size: row.size as number,
      ...(row.type === "file.content_extracted" && { content_length: row.length as number | null }),
    },
    metadata: madeBy(row),
    correlationId: null,
    at: row.at as Date,
  }));
}

/** The execution whose step has made the file: what the file starts is counted with it. */
function madeBy(row: Columns): JsonObject {
  if (row.execution_id === null) return {};
  return {
    execution_id: row.execution_id as number,
    workflow_id: row.workflow_id as number,
    depth: row.depth as number,
    ...(row.after_failure === true && { after_failure: true }),
  };
}
