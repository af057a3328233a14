import type { TenantId } from "../model/index.ts";
import { FairQueue } from "./fair-queue.ts";

/**
 * A tenant may hold this many times what it leaves free: alone nine tenths, two of them nine nineteenths each, so that whoever
 * comes next finds some (dynamic thresholds, as switches share their buffers).
 */
const TIMES_FREE = 9;

/** Of what everybody gives back within milliseconds the next need not find much: one in 32, and one of few. */
export function timesFreeOfShort(limit: number): number {
  return Math.min(Math.max(limit / 2, 4), 31);
}

interface Waiter {
  readonly amount: number;
  readonly resolve: (isTaken: boolean) => void;
  /** Waits no more: it was granted, released, or has left. */
  gone: boolean;
  isTaken: boolean;
}

/** Somebody's place in the line. */
export interface Turn {
  /**
   * Whether it was taken from the share; false: the turn was released. Rejects with the signal's reason: then the place in
   * the line is left, and what was taken is given back.
   */
  taken(signal?: AbortSignal): Promise<boolean>;
  /** Need not wait any more: what it wanted is taken from elsewhere. */
  release(): void;
}

/**
 * So much of something (places, sockets, bytes) that tenants share. While nobody waits, a tenant may have all but what
 * it must leave free; while others wait, only who holds no more than they do may take more. Who comes when nothing is taken
 * gets what it asks for, however much it is.
 */
export class Share {
  private used = 0;
  private readonly held = new Map<TenantId, number>();
  private readonly line = new FairQueue<Waiter>((waiter) => waiter.gone);

  constructor(
    readonly limit: number,
    /** Some has become free, and nobody in line wanted it. */
    private readonly freed: () => void = () => {},
    private readonly timesFree = TIMES_FREE,
  ) {}

  get taken(): number {
    return this.used;
  }

  /** Nothing is taken, and nobody waits. */
  get isIdle(): boolean {
    return this.used === 0 && this.line.isEmpty;
  }

  get isOver(): boolean {
    return this.used > this.limit;
  }

  /** Whether this much could be taken now, without passing those of the same tenant who wait. */
  has(tenantId: TenantId, amount: number): boolean {
    return !this.line.waits(tenantId) && this.fits(tenantId, amount);
  }

  /** Takes it now, or says no. */
  tryTake(tenantId: TenantId, amount: number): boolean {
    if (!this.has(tenantId, amount)) return false;
    this.change(tenantId, amount);
    return true;
  }

  /** Takes it now, or gives a place in the line. */
  take(tenantId: TenantId, amount: number): Turn | null {
    if (this.tryTake(tenantId, amount)) return null;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter: Waiter = { amount, resolve, gone: false, isTaken: false };
    this.line.push(tenantId, waiter);
    return {
      taken: (signal) => (signal ? this.untilAborted(promise, waiter, tenantId, signal) : promise),
      release: () => {
        waiter.gone = true;
        resolve(false);
      },
    };
  }

  private untilAborted(
    granted: Promise<boolean>,
    waiter: Waiter,
    tenantId: TenantId,
    signal: AbortSignal,
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        waiter.gone = true;
        if (waiter.isTaken) this.give(tenantId, waiter.amount);
        // Whoever stood behind it may want less.
        else this.serve();
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      void granted.then((isTaken) => {
        signal.removeEventListener("abort", abort);
        resolve(isTaken);
      });
    });
  }

  /** What is there already, or is there no more: nobody is asked. */
  change(tenantId: TenantId, amount: number): void {
    const held = this.heldBy(tenantId) + amount;
    if (held > 0) this.held.set(tenantId, held);
    else this.held.delete(tenantId);
    this.used += amount;
  }

  give(tenantId: TenantId, amount: number): void {
    this.change(tenantId, -amount);
    this.serve();
  }

  private fits(tenantId: TenantId, amount: number): boolean {
    if (this.used === 0) return true;
    const left = this.limit - this.used - amount;
    if (left < 0) return false;
    const held = this.heldBy(tenantId);
    const mayHave = this.timesFree * (left + 1);
    if (this.line.isOnly(tenantId)) return held + amount <= mayHave;
    for (const other of this.line.tenants()) {
      if (other !== tenantId && this.heldBy(other) < held) return false;
    }
    return true;
  }

  private heldBy(tenantId: TenantId): number {
    return this.held.get(tenantId) ?? 0;
  }

  private serve(): void {
    while (!this.line.isEmpty) {
      const waiter = this.line.shift((tenantId, { amount }) => {
        if (!this.fits(tenantId, amount)) return false;
        this.change(tenantId, amount);
        return true;
      });
      if (!waiter) break;
      waiter.gone = true;
      waiter.isTaken = true;
      waiter.resolve(true);
    }
    this.freed();
  }
}
