import { fenced } from "./fence.ts";

/** The one time by which the service waits and tells what is due. It never goes back and never jumps; tests bring their own. */
export interface Clock {
  /** Whole ms since the epoch. */
  now(): number;
  /** Runs once when `at` (ms since the epoch) has come, at once if it has passed. Returns what calls it off. */
  at(at: number, run: () => Promise<void>): () => void;
}

/** Timers are Node's, which count by the monotonic clock. */
export function clockOf(now: () => number): Clock {
  return {
    now,
    at: (at, run) => {
      const timer = setTimeout(fenced("timer", run), Math.max(at - now(), 0));
      return () => clearTimeout(timer);
    },
  };
}

/** The machine's time when the process started, and the monotonic clock from there: for what has no database to ask. */
export const steadyClock: Clock = clockOf(() => Math.floor(performance.timeOrigin + performance.now()));
