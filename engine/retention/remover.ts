import type pg from "pg";
import { type Bus, channels } from "../bus/index.ts";
import type { Observer } from "../model/index.ts";
import type { Clock } from "../runtime/index.ts";
import {
  familyTransaction,
  lockFamilies,
  notedAmong,
  type Queries,
  removeExecutions,
  standingOfFamilies,
  weighFamilies,
} from "../store/index.ts";
import { type Family, type Refusal, refusalOf } from "./refusal.ts";

/** Rows of one transaction, by which it takes some tens of ms. A family that has more goes in one of its own. */
const PORTION_ROWS = 5_000;
/** A family of 10,000 executions takes a quarter of a second; a disk may be slow. */
const STATEMENT_MS = 60_000;
/**
 * Domain events are made within moments of an execution's end. Where nobody makes any, notes wait for ever: they keep an execution no
 * longer than this.
 */
const TOLD_MS = 60_000;

interface RemoverDeps {
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly clock: Pick<Clock, "now">;
  readonly observer?: Pick<Observer, "executionsRemoved"> | undefined;
  /** Called within each transaction when all is done but the commit. */
  readonly beforeCommit?: () => void;
}

export interface Removal {
  /** Executions that are gone, children included; or that would be. */
  readonly removed: readonly number[];
  /** By the head of each family that stays. */
  readonly refused: ReadonlyMap<number, Refusal>;
}

interface RemovalOptions {
  /** Tells what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** Executions with webhooks that are still to be delivered stay. */
  readonly sparesUnsent?: boolean;
}

/** Removes executions that are over, each with its children, and all that is theirs. */
export class Remover {
  constructor(private readonly deps: RemoverDeps) {}

  /** Those of these heads that are removed together, in their order. */
  async portions(heads: readonly number[]): Promise<number[][]> {
    const weights = await familyTransaction(this.deps.pool, (tx) => weighFamilies(tx, heads));
    const portions: number[][] = [];
    let rows = Number.POSITIVE_INFINITY;
    for (const head of heads) {
      const weight = weights.get(head) ?? 0;
      if (rows + weight > PORTION_ROWS) {
        portions.push([]);
        rows = 0;
      }
      portions.at(-1)!.push(head);
      rows += weight;
    }
    return portions;
  }

  /** One portion, in a transaction: a process that dies leaves nothing half removed. */
  async remove(
    heads: readonly number[],
    { dryRun = false, sparesUnsent = false }: RemovalOptions = {},
  ): Promise<Removal> {
    const { pool, beforeCommit } = this.deps;
    const removal = await familyTransaction(
      pool,
      async (tx) => {
        const families = await this.lock(tx, heads);
        const refused = new Map<number, Refusal>();
        for (const family of families) {
          const refusal = refusalOf(family, sparesUnsent);
          if (refusal) refused.set(family.head, refusal);
        }
        const going = families.filter(({ head }) => !refused.has(head));
        const removed = going.flatMap(({ members }) => members.map(({ id }) => id));
        if (!dryRun && removed.length > 0) await removeExecutions(tx, removed);
        beforeCommit?.();
        return { removed, refused };
      },
      STATEMENT_MS,
    );
    if (!dryRun) this.tell(removal.removed);
    return removal;
  }

  private tell(removed: readonly number[]): void {
    const { bus, observer } = this.deps;
    // Whoever reads one from its rows finds that there are none.
    for (const id of removed) bus.publish(channels.execution(id), null);
    if (removed.length > 0) observer?.executionsRemoved(removed.length);
  }

  private async lock(tx: Queries, heads: readonly number[]): Promise<Family[]> {
    const members = await lockFamilies(tx, heads);
    const standings = new Map((await standingOfFamilies(tx, heads)).map((standing) => [standing.head, standing]));
    const since = this.deps.clock.now() - TOLD_MS;
    const recent = members.filter(({ completedAt }) => completedAt !== null && completedAt.getTime() > since);
    const untold =
      recent.length === 0
        ? new Set()
        : await notedAmong(
            tx,
            recent.map(({ id }) => id),
          );
    const byHead = Map.groupBy(members, ({ head }) => head);
    return heads.map((head) => {
      const own = byHead.get(head) ?? [];
      return { head, members: own, standing: standings.get(head), isUntold: own.some(({ id }) => untold.has(id)) };
    });
  }
}
