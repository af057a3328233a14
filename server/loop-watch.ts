import { longestWork, type WorkKind } from "../engine/index.ts";
import type { Logger } from "./config/index.ts";

const LOOK_MS = 50;
/** Below this it is counted; above it is told of. */
const COUNTED_MS = 50;
const TOLD_MS = 200;
/** Not more often than this: what holds it once may do so again and again. */
const TELL_EVERY_MS = 10_000;

/** Clients choose the names of their operations. */
const MAX_SHOWN = 100;

/** Looks how long the event loop is held, and says by what. @returns what ends it */
export function watchLoop(logger: Logger, counted: (kind: WorkKind, seconds: number) => void): () => void {
  let last = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const heldMs = now - last - LOOK_MS;
    const from = last;
    last = now;
    if (heldMs < COUNTED_MS) return;
    const { kind, what, executionId } = longestWork(from, now);
    counted(kind, heldMs / 1_000);
    if (heldMs < TOLD_MS) return;
    if (now - toldAt < TELL_EVERY_MS) {
      untold += 1;
      return;
    }
    toldAt = now;
    const fields = {
      held_ms: Math.round(heldMs),
      work: kind,
      what: what.slice(0, MAX_SHOWN),
      execution_id: executionId,
      untold,
    };
    untold = 0;
    logger.warn(fields, "The event loop was held");
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}
