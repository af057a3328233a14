let last: Promise<unknown> = Promise.resolve();

/**
 * Work that takes tens of milliseconds at a stretch, such as to read a definition of a MiB: one after another, and between
 * two of them everything else of the process has its turn. Twenty-nine of them in one query would be one long stretch.
 */
export function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
  const turn = last.then(() => new Promise<void>((resolve) => setImmediate(resolve))).then(work);
  last = turn.catch(() => {});
  return turn;
}
