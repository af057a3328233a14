import assert from "node:assert/strict";

/** A reader that goes over its input once for each part of it takes sixteen times as long for four times as much. */
const MAX_RATIO = 9;
/** Below this nobody is held up. */
const SHORT_MS = 20;
/** What the clock of a thread counts by. */
const TICK_MS = 4;
const TRIES = 3;

/** Takes at most in proportion to the input: `largest` is what may come in, in whatever `inputOf` counts by. */
export function assertLinear<T>(largest: number, inputOf: (size: number) => T, read: (input: T) => unknown): void {
  const quarter = inputOf(largest / 4);
  const whole = inputOf(largest);
  // Whatever is compiled on the way is compiled before.
  leastMs(quarter, read);
  const small = leastMs(quarter, read);
  const large = leastMs(whole, read);
  assert.ok(
    large < SHORT_MS || large < Math.max(small, TICK_MS) * MAX_RATIO,
    `a quarter took ${small} ms, the whole ${large} ms`,
  );
}

/** Of this thread's own time: what else the machine does is not in it. */
function leastMs<T>(input: T, read: (input: T) => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < TRIES; tried++) {
    const before = process.threadCpuUsage();
    try {
      read(input);
    } catch {
      // A refusal has been read as well.
    }
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
