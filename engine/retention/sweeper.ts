import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { EngineLogger, TenantId } from "../model/index.ts";
import { type Clock, Lookout } from "../runtime/index.ts";
import { createdRange, findExpired, type Owner, readOwners } from "../store/index.ts";
import type { Remover } from "./remover.ts";

const DAY_MS = 86_400_000;
/** Retention is in days. */
const ROUND_MS = 3_600_000;
/** After Postgres could not be asked. */
const TROUBLE_MS = 10_000;
/** Executions of a workflow that are looked at with one statement. */
const LOOK_SIZE = 200;
/** After each transaction the others have the database for themselves, this many times as long as it took. */
const REST_FACTOR = 3;
const MIN_REST_MS = 20;

/** Days that executions are kept where their workflow says nothing; null: for ever. */
export interface Retention {
  readonly days: number | null;
  /** Of tenants for which something else holds. */
  readonly daysOfTenants: ReadonlyMap<TenantId, number>;
}

export const KEEP_FOR_EVER: Retention = { days: null, daysOfTenants: new Map() };

interface SweeperOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly remover: Remover;
  readonly retention: Retention;
  readonly log: EngineLogger;
}

/**
 * Removes executions that have been over for longer than they are to be kept, every hour, in small transactions with rests
 * between them. Any number of processes may have one on a database: what one has locked the others pass over.
 */
export class Sweeper {
  private readonly lookout: Lookout;
  private readonly stopping = new AbortController();
  private nextAt = 0;

  constructor(private readonly options: SweeperOptions) {
    const { clock, log } = options;
    this.lookout = new Lookout({
      take: () => this.takeRound(),
      nextAt: async () => this.nextAt,
      failed: (error) => log("warning", "Could not remove old executions; trying again", { error: String(error) }),
      retryMs: TROUBLE_MS,
      passedOverMs: ROUND_MS,
      clock,
    });
  }

  start(): void {
    void this.lookout.start();
  }

  /** Resolves when the transaction under way is over. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.lookout.stop();
  }

  /** One round over all that is expired now; the number of executions that went. */
  async sweep(): Promise<number> {
    const { pool, clock } = this.options;
    const now = clock.now();
    let removed = 0;
    for (const [days, owners] of await this.ownersByDays()) {
      const endedBefore = now - days * DAY_MS;
      // What has ended by then was created by then: it lies below this id.
      const { below } = await createdRange(pool, { since: undefined, until: endedBefore });
      for (const { workflowId } of owners) removed += await this.sweepWorkflow(workflowId, below, endedBefore);
    }
    return removed;
  }

  private async takeRound(): Promise<void> {
    const { clock, log } = this.options;
    // It is looked more often, in case the clock was set.
    if (clock.now() < this.nextAt && this.nextAt - clock.now() <= ROUND_MS) return;
    const executions = await this.sweep();
    this.nextAt = clock.now() + ROUND_MS;
    if (executions > 0) log("info", "Removed executions whose retention was over", { executions });
  }

  private async ownersByDays(): Promise<Map<number, Owner[]>> {
    const { pool, retention } = this.options;
    const { days, daysOfTenants } = retention;
    const byDays = new Map<number, Owner[]>();
    for (const owner of await readOwners(pool, days !== null || daysOfTenants.size > 0)) {
      const kept = owner.retentionDays ?? daysOfTenants.get(owner.tenantId) ?? days;
      if (kept === null) continue;
      const same = byDays.get(kept);
      if (same) same.push(owner);
      else byDays.set(kept, [owner]);
    }
    return byDays;
  }

  private async sweepWorkflow(workflowId: number, below: number, endedBefore: number): Promise<number> {
    const { pool } = this.options;
    let removed = 0;
    for (let above = 0; !this.stopping.signal.aborted; ) {
      const { last, expired } = await findExpired(pool, { workflowId, above, below }, endedBefore, LOOK_SIZE);
      if (last === null) break;
      removed += await this.remove(expired);
      above = last;
    }
    return removed;
  }

  private async remove(expired: readonly number[]): Promise<number> {
    const { remover } = this.options;
    const { signal } = this.stopping;
    let count = 0;
    if (expired.length === 0) return count;
    for (const portion of await remover.portions(expired)) {
      if (signal.aborted) break;
      const startedAt = performance.now();
      count += (await remover.remove(portion, { sparesUnsent: true })).removed.length;
      const restMs = Math.max(MIN_REST_MS, (performance.now() - startedAt) * REST_FACTOR);
      await sleep(restMs, undefined, { signal }).catch(() => {});
    }
    return count;
  }
}
