import { noteWork } from "../runtime/index.ts";

/** Work that may be left at each of its steps, and gone on with. */
export type Sliced<T> = Generator<undefined, T>;

/**
 * What a turn of the event loop may be held by all such work together, in milliseconds; a step that is longer is done whole.
 * A lone answer of 9 MB takes the same CPU (45 ms to write, 54 to take over) in slices of 0.5, 1, 2 and 5 ms.
 */
const SLICE_MS = 1;

interface Job {
  /** What the log shall say of it, should it hold the loop. */
  readonly what: string;
  /** Goes on until then. @returns whether it is done */
  goOn(until: number): boolean;
}

/** One line for the process: with a slice for each of ten pieces of work a turn would have been held for ten of them. */
const jobs: Job[] = [];

/**
 * Does the work a millisecond at a time, all such work of the process in turn, one slice in each turn of the event
 * loop: between two slices everything else has its turn.
 */
export function inSlices<T>(work: Sliced<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    function goOn(until: number): boolean {
      try {
        do {
          const { done, value } = work.next();
          if (!done) continue;
          resolve(value);
          return true;
        } while (performance.now() < until);
        return false;
      } catch (error) {
        reject(error);
        return true;
      }
    }
    jobs.push({ what, goOn });
    if (jobs.length === 1) setImmediate(slice);
  });
}

/** What is small, at a stretch. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

function slice(): void {
  const job = jobs[0]!;
  noteWork("json", job.what);
  const isDone = job.goOn(performance.now() + SLICE_MS);
  // What comes next in this turn is not its.
  noteWork("other", "");
  jobs.shift();
  if (!isDone) jobs.push(job);
  if (jobs.length > 0) setImmediate(slice);
}
