import type pg from "pg";
import type { RateLimitDecision, RateLimiter } from "../limits/index.ts";
import type { TenantId } from "../model/index.ts";
import { countTree } from "../store/index.ts";

export const DEFAULT_DESCENDANT_LIMIT = 10_000;
/** Levels of children, and of what events start: workflows that start each other in a circle must end somewhere. */
export const MAX_DEPTH = 32;

/** What an execution is started by, when that is no start from outside. */
export interface Cause {
  /** The execution that led to it: this one is counted with what that one's start led to. */
  readonly executionId: number | null;
  /** As the execution's, 1 to 32. */
  readonly depth: number;
  /** It is started by a failure, or by what a failure has started: its own failure starts nothing. */
  readonly afterFailure: boolean;
}

/**
 * What workflows and events start by themselves is paid by their tenant. Null: it is paid; otherwise the budget, whose minute
 * is to be waited for.
 */
export async function payDescendant(rateLimiter: RateLimiter, tenantId: TenantId): Promise<RateLimitDecision | null> {
  const { allowed, tightest } = await rateLimiter.consume(`tenant:${tenantId}`, new Map([["descendants", 1]]));
  return allowed ? null : tightest;
}

/** The start from outside that whatever this execution starts is counted with. */
export function rootOf({ id, rootId }: { readonly id: number; readonly rootId: number | null }): number {
  return rootId ?? id;
}

/**
 * Bounds what one start from outside can lead to, through children, events and whatever else starts executions by itself:
 * a workflow that starts ten of itself would never end. The count is in Postgres; what this process is about to store is
 * remembered here and told from what the count has already, so that the limit is exact.
 */
export class Descendants {
  /** Root → executions that were let through and may not be stored yet. */
  private readonly pending = new Map<number, Set<number>>();

  constructor(
    private readonly pool: pg.Pool,
    readonly limit: number,
  ) {}

  /** Whether the tree has room for this one; then `settled` is to be called once it is stored, or will not be. */
  async admits(rootId: number, executionId: number): Promise<boolean> {
    const pending = this.pending.get(rootId) ?? new Set();
    this.pending.set(rootId, pending.add(executionId));
    try {
      const asked = [...pending];
      const { stored, known } = await countTree(this.pool, rootId, asked);
      if (stored + asked.length - known <= this.limit) return true;
    } catch (error) {
      this.settled(rootId, executionId);
      throw error;
    }
    this.settled(rootId, executionId);
    return false;
  }

  settled(rootId: number, executionId: number): void {
    const pending = this.pending.get(rootId);
    pending?.delete(executionId);
    if (pending?.size === 0) this.pending.delete(rootId);
  }

  get refusal(): string {
    return `What one start led to, over the whole tree, would be more than ${this.limit} executions`;
  }
}
