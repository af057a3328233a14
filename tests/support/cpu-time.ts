/**
 * Time that this thread has worked for, in ms: unlike a clock's, it does not pass while others have the processor.
 * For what is said about cost; nothing says how long a machine takes.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const ROUNDS = 3;

/**
 * How many times as much a piece of work costs in one piece of `size * parts` as in `parts` pieces of `size`: about 1
 * when its cost grows with its size, `parts` when it grows with the square. The least of three rounds, the first of
 * which warms up.
 */
export async function costOfOnePiece(
  size: number,
  parts: number,
  prepare: (size: number) => () => unknown,
): Promise<number> {
  const [small, whole] = [prepare(size), prepare(size * parts)];
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = cpuMs();
    for (let part = 0; part < parts; part++) await small();
    const between = cpuMs();
    await whole();
    best = Math.min(best, (cpuMs() - between) / (between - begun));
  }
  return best;
}

/** The longest that this thread has worked without a turn of the event loop, while something was done. */
export async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  const timer = setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  try {
    await work();
    // What was done last, too.
    await new Promise((resolve) => setTimeout(resolve, 10));
    return longest;
  } finally {
    clearInterval(timer);
  }
}
