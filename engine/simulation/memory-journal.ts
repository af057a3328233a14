import type { ExecutionEvent } from "../execution/events.ts";
import type { JournalEntry } from "../journal/entry.ts";

/** The journal of a simulation: everything is stored at once, in a list. */
export class MemoryJournal {
  readonly events: ExecutionEvent[] = [];

  changed(entry: JournalEntry): void {
    if (!entry.dirty || entry.inFlight !== null) return;
    const draft = entry.drain();
    this.events.push(...draft.events);
    entry.inFlight = null;
    draft.settled.resolve();
  }
}
