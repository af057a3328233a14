export { type Child, JournalEntry } from "./entry.ts";
export { isOverdue, Journal, type JournalHealth, type JournalHooks, type JournalStats } from "./journal.ts";
export { MAX_LOCK_MS } from "./lane.ts";
