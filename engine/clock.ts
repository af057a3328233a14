/** The time by which something waits: tests bring their own. */
export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Runs once when `at` (ms since the epoch) has come, at once if it has passed. Returns what calls it off. */
  at(at: number, run: () => Promise<void>): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  at: (at, run) => {
    const timer = setTimeout(() => void run(), Math.max(at - Date.now(), 0));
    return () => clearTimeout(timer);
  },
};
