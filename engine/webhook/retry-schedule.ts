/**
 * Seconds between an attempt and the next: the schedule that Standard Webhooks recommends. With the first one at once
 * these are ten attempts over three days and four hours.
 */
export const RETRY_SECONDS: readonly number[] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Waits are up to a tenth longer, so that what failed together does not come back together. */
const JITTER = 0.1;

/** How long to wait after so many attempts; null when that was the last one. A receiver may ask for longer. */
export function retryDelayMs(
  schedule: readonly number[],
  attempt: number,
  random: number,
  retryAfterMs: number,
): number | null {
  const seconds = schedule[attempt - 1];
  if (seconds === undefined) return null;
  return Math.max(seconds * 1_000 * (1 + JITTER * random), retryAfterMs);
}
