import type { JournalEntry } from "../journal/index.ts";
import type { ExecutionEvent } from "../model/index.ts";

/** The journal of a simulation: everything is stored at once, in a list. */
export class MemoryJournal {
  readonly events: ExecutionEvent[] = [];
  /** Of the events' data, as JSON. */
  characters = 0;

  changed(entry: JournalEntry): void {
    if (!entry.dirty || entry.inFlight !== null) return;
    const draft = entry.drain();
    for (const event of draft.events) {
      this.events.push(event);
      this.characters += JSON.stringify(event.data).length;
    }
    entry.inFlight = null;
    draft.settled.resolve();
  }
}
