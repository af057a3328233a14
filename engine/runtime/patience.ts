import { setTimeout as sleep } from "node:timers/promises";
import { isPassing } from "../model/index.ts";
import { withoutDeadline } from "./deadline.ts";

const RETRY_MIN_MS = 50;
/** So soon after Postgres is back everything goes on. */
const RETRY_MAX_MS = 1_000;

/**
 * What is in hand waits for the database: asks again until there is an answer, or a refusal that stays one. For the
 * service's own work, and for what may be asked twice. `isOver`: nobody waits for it any more.
 */
export async function patiently<T>(ask: () => Promise<T>, isOver: () => boolean = () => false): Promise<T> {
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      // A request may have set it going: its time is not that of the work.
      return await withoutDeadline(ask);
    } catch (error) {
      if (!isPassing(error) || isOver()) throw error;
    }
    // A process that ends does not wait for it.
    await sleep(waitMs, undefined, { ref: false });
  }
}
