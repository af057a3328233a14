import type { RetryPolicy } from "../definition/index.ts";
import type { StepError } from "../model/index.ts";

/** The longest that a remote's Retry-After is honoured. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** The wait before the next attempt in ms, or null when there is none. `random` is uniform in [0, 1). */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  error: Pick<StepError, "code" | "retryable" | "retryAfterMs">,
  random: number,
): number | null {
  // No failure of the step: it waits for its turn.
  if (error.code === "BUDGET_SPENT") return error.retryAfterMs ?? 0;
  if (!error.retryable || attempt >= policy.maxAttempts) return null;
  if (policy.onlyOn !== null && !policy.onlyOn.includes(error.code)) return null;
  const backoffMs = Math.min(policy.initialSeconds * policy.factor ** (attempt - 1), policy.maxSeconds) * 1_000;
  const waitMs = Math.round(policy.jitter === "full" ? backoffMs * random : backoffMs);
  return error.retryAfterMs === undefined ? waitMs : Math.max(waitMs, Math.min(error.retryAfterMs, RETRY_AFTER_MAX_MS));
}
