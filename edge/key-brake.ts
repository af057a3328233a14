import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Tally } from "./tally.ts";

const MINUTE_MS = 60_000;
/** Networks that are remembered: about 1 MB. Beyond that those that have been quiet for the longest start anew. */
const MAX_NETWORKS = 10_000;
/** Keys that were good lately. */
const MAX_GOOD_KEYS = 10_000;
const GOOD_FOR_MS = 3_600_000;

interface Failures {
  count: number;
  /** By the monotonic clock. */
  readonly endsAt: number;
}

/**
 * Slows down who tries keys: each that is unknown costs Postgres a look. After so many in a minute from one network its
 * further ones are refused unread until the minute is over. A key that was good within the hour goes on all the same: whoever
 * shares an address with a stranger is not locked out.
 */
export class KeyBrake {
  private readonly failures = new LRUCache<string, Failures>({ max: MAX_NETWORKS });
  private readonly good = new LRUCache<string, true>({ max: MAX_GOOD_KEYS, ttl: GOOD_FOR_MS });

  constructor(
    private readonly failuresPerMinute: number,
    private readonly refusals: Pick<Tally, "note">,
  ) {}

  /** For how long a key from there is refused; 0: it may be looked up. */
  secondsLeft(network: string, secret: string): number {
    const failures = this.failures.get(network);
    const leftMs = failures === undefined ? 0 : failures.endsAt - performance.now();
    if (leftMs <= 0 || failures!.count < this.failuresPerMinute || this.good.has(digestOf(secret))) return 0;
    this.refusals.note("braked");
    return Math.ceil(leftMs / 1_000);
  }

  failed(network: string, secret: string): void {
    this.refusals.note("unknown");
    this.good.delete(digestOf(secret));
    const now = performance.now();
    const known = this.failures.get(network);
    if (known && known.endsAt > now) known.count += 1;
    else this.failures.set(network, { count: 1, endsAt: now + MINUTE_MS });
  }

  succeeded(secret: string): void {
    this.good.set(digestOf(secret), true);
  }
}

/** No secret stays in memory for this. */
function digestOf(secret: string): string {
  return hash("sha256", secret, "base64url");
}
