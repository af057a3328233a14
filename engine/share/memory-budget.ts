import { getHeapStatistics } from "node:v8";
import type { TenantId } from "../model/index.ts";
import { Share, type Turn } from "./share.ts";

/**
 * What executions, answers and requests may weigh together, as a part of the heap. The rest is for what cannot be weighed
 * before it is there: one execution over the budget, values being written as JSON, the schema, caches, and garbage.
 */
const PART_OF_HEAP = 0.3;

/**
 * Bytes of heap for each of `jsonSize`. Measured (Node 24): records 1.3, numbers 0.8, keys 2.6, text 1 or 2, lists of empty
 * objects 1.7.
 */
export const BYTES_PER_SIZE = 3;

/** Derived from the heap that this process may have (`--max-old-space-size`). */
export function defaultMemoryBytes(): number {
  return Math.floor(getHeapStatistics().heap_size_limit * PART_OF_HEAP);
}

/**
 * The bytes that all work in this process may hold together. Whoever wants more waits, by tenant in turn. What is there
 * already is counted, not asked for. So that not all wait for each other, the eldest of those who wait is favoured: it is
 * taken out of the count, and goes on, one reservation at a time, until it is closed. All together never have more than
 * the budget, one execution and one answer.
 */
export class MemoryBudget {
  private readonly share: Share;
  private readonly stuck = new Set<Holding>();
  private favoured: Holding | null = null;
  /** The favoured one's reservation that is not counted. */
  private over: Reservation | null = null;

  constructor(
    readonly limitBytes: number,
    /** Some has become free that nobody waited for. */
    freed: () => void = () => {},
  ) {
    this.share = new Share(limitBytes, freed);
  }

  /** Of all but the favoured one. */
  get usedBytes(): number {
    return this.share.taken;
  }

  /** Whether something of this weight may be taken in now. */
  admits(tenantId: TenantId, bytes: number): boolean {
    return this.share.has(tenantId, bytes);
  }

  /** For something that lives a while, and whose weight changes: an execution in hand, a request. */
  open(tenantId: TenantId, bytes: number): Holding {
    const holding = new Holding(tenantId, this.share, this);
    holding.resize(bytes);
    return holding;
  }

  /** @internal */
  join(holding: Holding): void {
    this.stuck.add(holding);
    this.favour();
  }

  /** @internal */
  leave(holding: Holding): void {
    if (holding.waiting.size === 0) this.stuck.delete(holding);
    this.favour();
  }

  /** @internal */
  closed(what: Holding | Reservation): void {
    if (what === this.over) this.over = null;
    if (what === this.favoured) this.favoured = null;
    this.favour();
  }

  private favour(): void {
    if (this.over !== null) return;
    const [eldest] = this.stuck;
    this.favoured ??= eldest ?? null;
    this.favoured?.uncount();
    const [next] = this.favoured?.waiting ?? [];
    if (!next) return;
    const [turn, reservation] = next;
    this.over = reservation;
    reservation?.uncount();
    this.favoured!.waiting.delete(turn);
    turn.release();
  }
}

/** Something that takes room, and may be taken out of the count. */
class Counted {
  private bytes = 0;
  protected isCounted = true;
  protected isClosed = false;

  constructor(
    readonly tenantId: TenantId,
    protected readonly share: Share,
  ) {}

  get size(): number {
    return this.bytes;
  }

  /** Its weight is this now. */
  resize(bytes: number): void {
    if (this.isClosed) return;
    const delta = bytes - this.bytes;
    this.bytes = bytes;
    if (!this.isCounted || delta === 0) return;
    if (delta > 0) this.share.change(this.tenantId, delta);
    else this.share.give(this.tenantId, -delta);
  }

  /** @internal */
  uncount(): void {
    if (!this.isCounted) return;
    this.isCounted = false;
    this.share.give(this.tenantId, this.bytes);
  }
}

/** What one execution or request holds. */
export class Holding extends Counted {
  /** @internal Those of its turns that have not come. */
  readonly waiting = new Map<Turn, Reservation | null>();

  constructor(
    tenantId: TenantId,
    share: Share,
    private readonly budget: MemoryBudget,
  ) {
    super(tenantId, share);
  }

  /** For something that is about to come in. */
  reserve(): Reservation {
    return new Reservation(this, this.share, this.budget);
  }

  /** Before it does what may make it larger: while the budget is spent, one goes on and the others wait. Null: go on. */
  pause(signal: AbortSignal): Promise<void> | null {
    return this.share.isOver ? (this.turn(0, null, signal)?.then(() => {}) ?? null) : null;
  }

  close(): void {
    if (this.isClosed) return;
    this.resize(0);
    this.isClosed = true;
    this.budget.closed(this);
  }

  /** @internal */
  turn(bytes: number, reservation: Reservation | null, signal: AbortSignal): Promise<boolean> | null {
    const turn = this.share.take(this.tenantId, bytes);
    if (!turn) return null;
    this.waiting.set(turn, reservation);
    this.budget.join(this);
    return turn.taken(signal).finally(() => {
      this.waiting.delete(turn);
      this.budget.leave(this);
    });
  }
}

/** Room for what comes in piece by piece. To be closed when it is part of its holder, or gone. */
export class Reservation extends Counted {
  constructor(
    private readonly holding: Holding,
    share: Share,
    private readonly budget: MemoryBudget,
  ) {
    super(holding.tenantId, share);
  }

  /** Sees that it has so many bytes. Null: it has; otherwise wait. Rejects with the signal's reason. */
  grow(bytes: number, signal: AbortSignal): Promise<void> | null {
    const more = bytes - this.size;
    if (more <= 0) return null;
    const waiting = this.isCounted ? this.holding.turn(more, this, signal) : null;
    if (waiting !== null) return waiting.then((isTaken) => this.grown(more, isTaken));
    this.grown(more, this.isCounted);
    return null;
  }

  /** It turned out to be no more than this. */
  shrink(bytes: number): void {
    if (bytes < this.size) this.resize(bytes);
  }

  close(): void {
    if (this.isClosed) return;
    this.resize(0);
    this.isClosed = true;
    this.budget.closed(this);
  }

  private grown(more: number, isTaken: boolean): void {
    // By the share, which now counts it as ours.
    if (isTaken) this.share.change(this.tenantId, -more);
    this.resize(this.size + more);
  }
}
