/** Work that may be left at each of its steps, and gone on with. */
export type Sliced<T> = Generator<undefined, T>;

/** What a turn of the event loop may be held by one piece of work, in milliseconds. */
const SLICE_MS = 5;

/** Does the work a few milliseconds at a time: between two slices everything else of the process has its turn. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  let until = performance.now() + SLICE_MS;
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    until = performance.now() + SLICE_MS;
  }
}
