import type pg from "pg";
import type { ExecutionId, MaybePromise, StepId } from "../model/index.ts";
import { patiently, withoutDeadline } from "../runtime/index.ts";

/** Blocks fetched at once: few at first, so that a restart leaves a small gap; more while demand is high. */
const MAX_BLOCKS = 64;
/** A refill this soon after the last one doubles the next. */
const BUSY_MS = 1_000;

/**
 * Ids that nobody has used for so long are left out: those of an idle process would come back out of order, and
 * `createdRange` finds a time by its ids.
 */
export const ID_LIFETIME_MS = 30_000;

interface Sequence {
  readonly name: "execution_id" | "execution_step_id";
  /** The sequence's INCREMENT: one value is the first of so many ids. */
  readonly blockSize: number;
}

export const executionIds: Sequence = { name: "execution_id", blockSize: 32 };
export const stepIds: Sequence = { name: "execution_step_id", blockSize: 128 };

/**
 * Ids known before the first commit, so that a run need not ask Postgres for each.
 * Ids of one process grow; gaps appear when it stops or idles.
 */
export class IdBlocks<Id extends ExecutionId | StepId> {
  private readonly blocks: { next: number; readonly end: number; readonly takenAt: number }[] = [];
  private wanted = 1;
  private refilledAt = Number.NEGATIVE_INFINITY;
  private refilling: Promise<void> | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly sequence: Sequence,
  ) {}

  next(): MaybePromise<Id> {
    return this.take() ?? this.refill().then(() => this.next());
  }

  /** For work in hand: what it has brought waits for the database, and is not thrown away. */
  nextPatiently(): MaybePromise<Id> {
    return this.take() ?? patiently(async () => this.next());
  }

  /** Of those that are here. */
  private take(): Id | undefined {
    while (this.blocks[0] && performance.now() - this.blocks[0].takenAt > ID_LIFETIME_MS) this.blocks.shift();
    const block = this.blocks[0];
    if (!block) return undefined;
    const id = block.next++;
    if (block.next === block.end) this.blocks.shift();
    // Ask early, so that nobody waits.
    if (this.blocks.length <= this.wanted / 4) void this.refill().catch(() => {});
    return id as Id;
  }

  private refill(): Promise<void> {
    // Many wait for it, of whom one has asked.
    this.refilling ??= withoutDeadline(() => this.fetch()).finally(() => {
      this.refilling = null;
    });
    return this.refilling;
  }

  private async fetch(): Promise<void> {
    const now = performance.now();
    this.wanted = now - this.refilledAt < BUSY_MS ? Math.min(this.wanted * 2, MAX_BLOCKS) : 1;
    this.refilledAt = now;
    const { rows } = await this.pool.query<{ first: number }>(
      "SELECT nextval($1::regclass) AS first FROM generate_series(1, $2::int)",
      [this.sequence.name, this.wanted],
    );
    for (const { first } of rows) this.blocks.push({ next: first, end: first + this.sequence.blockSize, takenAt: now });
  }
}
