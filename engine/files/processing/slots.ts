/**
 * Lets at most `count` holders in at a time, in order of arrival. A job waits here rather than in the pool's queue, so that
 * its time limit counts from its start.
 */
export function createSlots(count: number): (signal: AbortSignal) => Promise<() => void> {
  let free = count;
  const waiting: (() => void)[] = [];

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  return async function acquire(signal) {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return release;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abandon = () => {
      waiting.splice(waiting.indexOf(resolve), 1);
      reject(signal.reason);
    };
    waiting.push(resolve);
    signal.addEventListener("abort", abandon, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", abandon);
    }
    return release;
  };
}
