import {
  DomainError,
  type NotedFile,
  type Queries,
  type RoomDatabase,
  takeFileNotes,
  takeJournalNotes,
} from "../../engine/index.ts";
import type { Outcome } from "../follower.ts";
import { appendEvents } from "./append.ts";
import type { DomainEvent, NewDomainEvent } from "./domain-event.ts";
import type { EventStore } from "./event-store.ts";
import { project, projectedTypes } from "./projection.ts";

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
export function createProjector(database: RoomDatabase, store: EventStore): () => Promise<Outcome> {
  return async () => {
    const startedAt = performance.now();
    const found = await database.transaction(takeNotes, LOOK_STATEMENT_MS);
    if (found === null) return "later";
    store.announce(found.events);
    if (found.notes < NOTES_PER_LOOK && found.events.length < LARGE_LOOK_EVENTS)
      return found.notes > 0 ? "more" : "done";
    return (performance.now() - startedAt) * REST_FACTOR;
  };
}

async function takeNotes(tx: Queries): Promise<{ notes: number; events: DomainEvent[] } | null> {
  const lock = await tx.query<{ held: boolean }>("SELECT pg_try_advisory_xact_lock($1::bigint) AS held", [
    PROJECTOR_LOCK,
  ]);
  if (!lock.rows[0]!.held) return null;
  const { notes, events } = await takeJournalNotes(tx, NOTES_PER_LOOK, projectedTypes);
  const files = await takeFileNotes(tx, FILE_NOTES_PER_LOOK);
  const made = [...events.flatMap(project), ...files.map(fileEvent)];
  const appended = made.length === 0 ? [] : await appendEvents(tx, made);
  return {
    notes: notes + files.length,
    events: appended.filter((event): event is DomainEvent => !(event instanceof DomainError)),
  };
}

function fileEvent({ id, tenantId, type, at, filename, mimeType, size, length, madeBy }: NotedFile): NewDomainEvent {
  return {
    tenantId,
    type,
    aggregateType: "file",
    aggregateId: String(id),
    data: {
      file_id: id,
      filename,
      mime_type: mimeType,
      file_size: size,
      ...(type === "file.content_extracted" && { content_length: length }),
    },
    // What the file starts is counted with the execution that has made it.
    metadata:
      madeBy === null
        ? {}
        : {
            execution_id: madeBy.id,
            workflow_id: madeBy.workflowId,
            depth: madeBy.depth,
            ...(madeBy.afterFailure && { after_failure: true }),
          },
    correlationId: null,
    at,
  };
}
