/** What this process turns to, one thing after the other: kept for a moment, for whoever finds that the event loop was held. */
export type WorkKind = "request" | "operation" | "step" | "journal" | "json" | "other";

export interface WorkNote {
  readonly kind: WorkKind;
  /** Such as `GET /api/v1/workflows`, the name of a step, or `masking` of large JSON. */
  readonly what: string;
  readonly executionId: number | null;
}

/** A turn that is held has few. */
const KEPT = 64;
const nothing: WorkNote = { kind: "other", what: "", executionId: null };
/** Written over in turn: two notes for each step are not to be garbage. */
const notes = Array.from({ length: KEPT }, () => ({ ...nothing, at: Number.NEGATIVE_INFINITY }));
let next = 0;

/** Costs a look at the clock: at the beginning of pieces of work, not inside of them. */
export function noteWork(kind: WorkKind, what: string, executionId: number | null = null): void {
  const note = notes[next]!;
  note.at = performance.now();
  note.kind = kind;
  note.what = what;
  note.executionId = executionId;
  next = (next + 1) % KEPT;
}

/** What was begun in that time and had the most of it, until the next thing was. */
export function longestWork(from: number, to: number): WorkNote {
  const within = notes.filter(({ at }) => at > Number.NEGATIVE_INFINITY && at <= to).sort((a, b) => a.at - b.at);
  let longest = { ms: 0, note: nothing };
  for (const [i, { at, kind, what, executionId }] of within.entries()) {
    const ms = Math.max((within[i + 1]?.at ?? to) - Math.max(at, from), 0);
    if (ms > longest.ms) longest = { ms, note: { kind, what, executionId } };
  }
  return longest.note;
}
